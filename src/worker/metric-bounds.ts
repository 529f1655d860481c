const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** From small talk over Temporal's warning (256 KiB) and its limit (2 MiB) to the largest plan. */
const BYTES = [1, 4, 16, 64, 256, 512, 1_024, 2_048, 8_192, 65_536].map((kib) => kib * 1_024);
const TOKENS = [64, 256, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536];

/** The SDK's exporter takes bounds by the end of a name, and has none for sizes and tokens. */
export const HISTOGRAM_BOUNDS: Record<string, number[]> = {
  release_prep_upstream_duration: SECONDS,
  release_prep_upstream_queue: SECONDS,
  release_prep_payload_size: BYTES,
  gen_ai_client_operation_duration: SECONDS,
  gen_ai_client_token_usage: TOKENS,
};
