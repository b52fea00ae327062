/**
 * What instances run on cannot do what a setting asks for; the message names the setting and the
 * way out. The server starts nothing, and never does less than the setting says.
 */
export class RefusedSetting extends Error {}
