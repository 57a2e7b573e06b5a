/** What a session needs to run flows, where nothing below it brings that along. */
export const promptflowPackages: readonly string[] = ['promptflow', 'promptflow-tools'];
