import { auditFiles, auditIgnore, auditProvenance, auditPython, auditSource } from '../options/audit.ts'
import { environmentName, offline } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderAudit } from '../render/audit.ts'

/** den audit */
export const handle: Handler = async ({ command, values, host, session, output }) => {
  const result = await session.audit({
    offline: values.get(offline) === true,
    provenance: values.get(auditProvenance) === true,
    ...defined({
      python: values.get(auditPython) ?? values.get(environmentName),
      requirementFiles: values.get(auditFiles),
      sources: values.get(auditSource),
      ignore: values.get(auditIgnore),
    }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderAudit(result, output.style, { home: host.home, cwd: host.cwd, columns: output.columns() }))
  return result.sound ? 0 : 1
}
