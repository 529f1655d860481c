import { Serializer } from '@elastic/elasticsearch';
import { checkBounds, DEFAULT_BOUNDS } from '../upstream/bounded-json';

/**
 * A page of 5,000 spans has some 300,000 values; a payload stored next to the issues is one text of up to 64 MB, and an
 * issue another.
 */
const ANSWER_BOUNDS = {
  ...DEFAULT_BOUNDS,
  values: 1_500_000,
  text: 64 * 1024 * 1024,
};

/** The client's own, which has no bound but that on bytes. Throws JsonBoundError. */
export class BoundedSerializer extends Serializer {
  override deserialize<Value = unknown>(json: string): Value {
    checkBounds(json, ANSWER_BOUNDS);
    return super.deserialize<Value>(json);
  }
}
