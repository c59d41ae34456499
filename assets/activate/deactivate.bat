@rem Leaves the environment that is active in the cmd that runs this. Only the entry that activation put on PATH goes.
@if not defined _DEN_BIN goto den_cut
@set "_DEN_OFF=%PATH%"
@rem The replacement below can't look for a directory with = % or ^ in its name: there PATH becomes what it was.
@for /f "tokens=1* delims==^%%" %%a in ("%_DEN_BIN%") do @if not "%%b"=="" set "PATH=%_OLD_VIRTUAL_PATH%"
@if not "%PATH%"=="%_DEN_OFF%" goto den_cut
@set "_DEN_OFF=;%PATH%;"
@call @set "_DEN_OFF=%%_DEN_OFF:;%_DEN_BIN%;=;%%"
@set "PATH=%_DEN_OFF:~1,-1%"
:den_cut
@if defined _OLD_VIRTUAL_PROMPT set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@if defined _OLD_VIRTUAL_PYTHONHOME if not defined PYTHONHOME set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@for %%v in (_OLD_VIRTUAL_PATH _OLD_VIRTUAL_PROMPT _OLD_VIRTUAL_PYTHONHOME _DEN_BIN _DEN_OFF VIRTUAL_ENV VIRTUAL_ENV_PROMPT) do @set %%v=
