// Starts a filter's project.
export { baseName, DEFAULT_NAME, nameProblem, toName } from "./names.ts";
export { ProjectError, writeProject, type WrittenProject } from "./write-project.ts";
export { projectFiles, TEMPLATES, type TemplateName } from "./templates.ts";
