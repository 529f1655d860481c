"""Carries a release out by its issue; `release-prep serve` is asked before each step. Needs `pip install temporalio`."""

import asyncio
import json
import os
import time
import urllib.parse
import urllib.request
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


def ask(url, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@activity.defn
def prep(path: str, body: dict | None = None) -> dict:
    token = os.environ.get("RELEASE_PREP_TOKEN", "")
    return ask(f"{os.environ['RELEASE_PREP_URL']}/v1/issues/{path}", body, authorization=f"Bearer {token}")


@activity.defn
def deploy(service: str, version: str, host_ids: list[str]) -> None:
    url = f"{os.environ['RELEASE_SYSTEM_URL']}/v1/deployments"
    info = activity.info()  # a retry has the same key, so that the deployment happens once
    key = {"idempotency-key": f"{info.workflow_run_id}/{info.activity_id}"}
    found = ask(url, {"service": service, "version": version, "host_ids": host_ids}, **key)
    while found["status"] in ("pending", "running"):
        time.sleep(1)
        found = ask(f"{url}/{found['deployment_id']}")
    if found["status"] != "succeeded":
        raise ApplicationError("the deployment failed", non_retryable=True)


@activity.defn
def sample(expr: str, step: int) -> list[dict]:
    """The last 90 seconds: more than the time between two looks, so that nothing is missed."""
    end = int(time.time() / step) * step
    query = urllib.parse.urlencode({"query": expr, "start": end - 90, "end": end, "step": step})
    found = ask(f"{os.environ['PROMETHEUS_URL']}/api/v1/query_range?{query}")["data"]["result"]
    iso = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    return [
        {"at": iso(at), "value": value, "series": json.dumps(one["metric"])}
        for one in found
        for at, value in one["values"]
    ]


@workflow.defn
class MyExecutorWorkflow:
    issue_id: str | None = None

    @workflow.signal
    def releaseIssue(self, delivery: dict) -> None:
        self.issue_id = self.issue_id or delivery["issue_id"]

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.issue_id is not None)
        do = lambda what, *args: workflow.execute_activity(
            what, args=args, start_to_close_timeout=timedelta(minutes=20)
        )
        now = lambda: workflow.now().isoformat()
        issue = await do(prep, self.issue_id)
        service, events, batches, result = issue["service"], [], [], "completed"
        rules = [r for group in issue["steps"][1]["details"]["metrics"] for r in group["rules"] if r.get("gates")]

        async def allowed(action: dict) -> str:
            """Empty if the guard allows it, else its code."""
            action["digest"] = issue["digest"]
            verdict = await do(prep, f"{self.issue_id}/check", {"action": action, "state": {"events": events}})
            return "" if verdict["allowed"] else verdict["code"]

        for batch in issue["steps"][2]["details"]["gray_strategy"]["batches"]:
            hosts = [host["host_id"] for host in batch["hosts"]]
            wish = {"type": "deploy", "batch_id": batch["batch_id"], "host_ids": hosts, "version": issue["candidate"]}
            if code := await allowed(wish):
                raise ApplicationError(f"batch {batch['batch_id']}: {code}", type=code, non_retryable=True)
            at = now()
            await do(deploy, service, issue["candidate"], hosts)
            events.append({**wish, "at": at, "ended_at": now()})
            batches.append({"batch_id": batch["batch_id"], "hosts": hosts, "deployed_at": now(), "verdicts": {}})
            look = min(60, max(5, int(batch["observation_time"].rstrip("s")) // 4))
            code = "ObservationNotOver"
            while code in ("ObservationNotOver", "NotJudged", "NoData"):
                await asyncio.sleep(look)
                for rule in rules:
                    judge = {"type": "judge", "batch_id": batch["batch_id"], "rule_id": rule["rule_id"]}
                    samples = await do(sample, rule["expr"], 15 if look > 15 else 5)
                    events.append({**judge, "digest": issue["digest"], "samples": samples, "at": now()})
                promote = {"type": "promote", "batch_id": batch["batch_id"]}
                code = await allowed(promote)
            batches[-1]["observed_until"] = None if code else now()
            if code:  # Breached: every released host goes back to what it ran
                result = "rolled_back"
                released = [host for one in batches for host in one["hosts"]]
                for version, targets in issue["rollback"]["targets"].items():
                    back = [host for host in targets if host in released]
                    wish = {"type": "rollback", "version": version, "host_ids": back}
                    if back and not await allowed(wish):
                        await do(deploy, service, version, back)
                break
            events = [event for event in events if event["type"] != "judge"] + [{**promote, "at": now()}]
        outcome = {"issue_id": self.issue_id, "digest": issue["digest"], "result": result, "batches": batches}
        outcome |= {"started_at": events[0]["at"], "ended_at": now(), "rules": [], "risks": [], "actions": []}
        await do(prep, f"{self.issue_id}/outcome", outcome)
        lock = workflow.get_external_workflow_handle(f"release-lock/release-prep/{service}")
        try:
            await lock.signal("end", {"workflow_id": workflow.info().workflow_id})
        except ApplicationError:
            pass  # the service is free already
        return result


async def main() -> None:
    from concurrent.futures import ThreadPoolExecutor

    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    with ThreadPoolExecutor(8) as threads:
        await Worker(
            client,
            task_queue=os.environ.get("TASK_QUEUE", "release-executor"),
            workflows=[MyExecutorWorkflow],
            activities=[prep, deploy, sample],
            activity_executor=threads,
        ).run()


if __name__ == "__main__":
    asyncio.run(main())
