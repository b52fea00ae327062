/**
 * Makes an instance report every answered request to the server, and prevents a repository from
 * redirecting, enlarging or muting the reports. Belongs into the managed settings. The token is
 * written literally, because Claude Code expands no variable in a header. Neither header nor
 * address reaches the shell of the agent.
 */
export function telemetrySettings(serverUrl: string, token: string) {
  return {
    /** A project's helper would run as a command, and its output would replace our header. */
    otelHeadersHelper: '',
    env: {
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_LOGS_EXPORTER: 'otlp',
      // These would carry our header to any address that a project sets for them.
      OTEL_METRICS_EXPORTER: '',
      OTEL_TRACES_EXPORTER: '',
      // For protocol, address and compression the specific names override; for headers, the
      // general.
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${serverUrl}/otel/v1/logs`,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
      /** Milliseconds. Records that are not sent when a launch is killed are lost. */
      OTEL_LOGS_EXPORT_INTERVAL: '1000',
      ...unreadable,
      ...content,
    },
  }
}

/** Other values would make the export incomplete or unreadable. */
const unreadable = {
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '',
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '',
}

/** Accounting needs no prompts, answers or request bodies. */
const content = {
  OTEL_LOG_USER_PROMPTS: '',
  OTEL_LOG_ASSISTANT_RESPONSES: '',
  OTEL_LOG_TOOL_DETAILS: '',
  OTEL_LOG_RAW_API_BODIES: '',
}
