"""Prepares a release and prints what an executor needs. Usage: orchestrator.py SERVICE VERSION

Needs `pip install temporalio` and the command `release-prep`, which reads the issue of any size from the store.
"""

import asyncio
import json
import os
import subprocess
import sys

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError


async def main(service: str, version: str) -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    # "reference" makes the result {issue_id, digest}. A whole issue over 256 KiB is stored outside of Temporal,
    # and only a client with the same data converter can read it.
    request = {"service": service, "version": version, "delivery": "none", "result": "reference"}
    handle = await client.start_workflow(
        "ReleasePrepWorkflow",
        request,
        id=f"release-prep/{service}/{version}",
        task_queue=os.environ.get("RELEASE_PREP_TASK_QUEUE", "release-prep"),
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    try:
        reference = await handle.result()
    except WorkflowFailureError as error:
        if isinstance(error.cause, ApplicationError):
            sys.exit(f"{error.cause.type}: {error.cause.message}")
        raise
    command = [*os.environ.get("RELEASE_PREP", "release-prep").split(), "show", reference["issue_id"], "--json"]
    issue = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert issue["digest"] == reference["digest"]
    batches = issue["steps"][2]["details"]["gray_strategy"]["batches"]
    hosts = sum(len(batch["hosts"]) for batch in batches)
    print(f"{issue['issue_id']}: {len(batches)} batches, {hosts} hosts")


asyncio.run(main(*sys.argv[1:]))
