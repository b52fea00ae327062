/**
 * Lets an instance tell the server of every answered request, and keeps a repository from redirecting, enlarging or muting
 * that. Belongs into the settings that win over a project's. The token is written out: Claude Code takes the header as it
 * stands, expanding no variable. Neither header nor address reaches the shell of the agent.
 */
export function telemetrySettings(serverUrl: string, token: string) {
  return {
    /** A project's would be run as a command, and its answer would take the place of our header. */
    otelHeadersHelper: '',
    env: {
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_LOGS_EXPORTER: 'otlp',
      // These would take the header along, to wherever somebody else sends them.
      OTEL_METRICS_EXPORTER: '',
      OTEL_TRACES_EXPORTER: '',
      // Of protocol, address and compression the names for logs alone win over the general ones; of headers the general one does.
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${serverUrl}/otel/v1/logs`,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
      /** Milliseconds; what was not sent when a launch is killed is lost. */
      OTEL_LOGS_EXPORT_INTERVAL: '1000',
      ...unreadable,
      ...content,
    },
  }
}

/** With any of these the export says too little, or nothing that we read. */
const unreadable = {
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '',
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '',
}

/** Prompts, answers and whole requests are not for accounting. */
const content = {
  OTEL_LOG_USER_PROMPTS: '',
  OTEL_LOG_ASSISTANT_RESPONSES: '',
  OTEL_LOG_TOOL_DETAILS: '',
  OTEL_LOG_RAW_API_BODIES: '',
}
