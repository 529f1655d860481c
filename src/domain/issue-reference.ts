/** Names one recorded issue: the result of a run whose request has `result: "reference"`. */
export type IssueReference = { issue_id: string; digest: string };
