@rem Activates the environment that this file stands in, for the cmd that runs it:    path\to\Scripts\activate.bat
@rem `deactivate` takes back what was done here and leaves alone what you changed since.
@rem No block in parentheses holds a variable: cmd would read parentheses in its value as the block's own.

@if not defined VIRTUAL_ENV goto den_left
@if not defined _DEN_BIN if defined _OLD_VIRTUAL_PATH set "PATH=%_OLD_VIRTUAL_PATH%"
@if not defined _DEN_BIN goto den_cut
@set "_DEN_OFF=%PATH%"
@for /f "tokens=1* delims==^%%" %%a in ("%_DEN_BIN%") do @if not "%%b"=="" set "PATH=%_OLD_VIRTUAL_PATH%"
@if not "%PATH%"=="%_DEN_OFF%" goto den_cut
@set "_DEN_OFF=;%PATH%;"
@call @set "_DEN_OFF=%%_DEN_OFF:;%_DEN_BIN%;=;%%"
@set "PATH=%_DEN_OFF:~1,-1%"
:den_cut
@if defined _OLD_VIRTUAL_PROMPT set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@if defined _OLD_VIRTUAL_PYTHONHOME if not defined PYTHONHOME set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set _OLD_VIRTUAL_PROMPT=
@set _OLD_VIRTUAL_PYTHONHOME=
@set _DEN_OFF=
:den_left

@rem This file is UTF-8; cmd reads it by the code page that is in force.
@set _DEN_CODEPAGE=
@for /f "tokens=2 delims=:." %%a in ('"%SystemRoot%\System32\chcp.com"') do @set "_DEN_CODEPAGE=%%a"
@if defined _DEN_CODEPAGE "%SystemRoot%\System32\chcp.com" 65001 >nul

@for %%i in ("%~dp0.") do @set "_DEN_BIN=%%~fi"
@for %%i in ("%~dp0..") do @set "VIRTUAL_ENV=%%~fi"
@set "VIRTUAL_ENV_PROMPT=@PROMPT@"
@if defined VIRTUAL_ENV_PROMPT goto den_named
@for %%i in ("%VIRTUAL_ENV%") do @set "VIRTUAL_ENV_PROMPT=%%~nxi"
@rem ".venv" says nothing, its project's name does.
@if not "%VIRTUAL_ENV_PROMPT%"==".venv" goto den_named
@for %%i in ("%VIRTUAL_ENV%\..") do @set "VIRTUAL_ENV_PROMPT=%%~nxi"
:den_named

@if defined _DEN_CODEPAGE "%SystemRoot%\System32\chcp.com" %_DEN_CODEPAGE% >nul
@set _DEN_CODEPAGE=

@if defined VIRTUAL_ENV_DISABLE_PROMPT goto den_drawn
@if not defined PROMPT set "PROMPT=$P$G"
@set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@set "PROMPT=(%VIRTUAL_ENV_PROMPT:$=$$%) %PROMPT%"
:den_drawn

@if defined PYTHONHOME set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@set PYTHONHOME=
@set "_OLD_VIRTUAL_PATH=%PATH%"
@set "PATH=%_DEN_BIN%;%PATH%"
