#!/usr/bin/env python3
"""The real BullMQ as the tests use it: one JSON command a line on stdin, one JSON answer a line on stdout.

  peer.py REDIS_URL

A worker does what the job's data says: {"returns": x}, {"fails": "why"}, {"fatal": "why"}, {"sleeps": seconds},
{"sums": true} (the sum of its children's values), {"progress": x}, {"logs": "row"}; else it returns 1.
"""
import asyncio, json, sys
from bullmq import FlowProducer, Job, Queue, UnrecoverableError, Worker

url = sys.argv[1]
queues, producers, workers = {}, {}, []


def queue(c):
    key = (c.get("prefix", "bull"), c["queue"])
    if key not in queues:
        queues[key] = Queue(key[1], {"connection": url, "prefix": key[0]})
    return queues[key]


def producer(c):
    prefix = c.get("prefix", "bull")
    if prefix not in producers:
        producers[prefix] = FlowProducer(url, {"prefix": prefix})
    return producers[prefix]


def tree(node):
    job = node["job"]
    return {"id": job.id, "name": job.name, "children": [tree(n) for n in node.get("children") or []]}


async def process(job, token):
    data = job.data if isinstance(job.data, dict) else {}
    if "sleeps" in data: await asyncio.sleep(data["sleeps"])
    if "progress" in data: await job.updateProgress(data["progress"])
    if "logs" in data: await job.log(data["logs"])
    if "fatal" in data: raise UnrecoverableError(data["fatal"])
    if "fails" in data: raise RuntimeError(data["fails"])
    if data.get("sums"): return sum((await job.getChildrenValues()).values())
    return data.get("returns", 1)


async def answer(c):
    op = c["op"]
    if op == "add": return tree(await producer(c).add(c["flow"], c.get("opts", {})))
    if op == "addBulk": return [tree(t) for t in await producer(c).addBulk(c["flows"])]
    if op == "queueAdd": return (await queue(c).add(c["name"], c.get("data", {}), c.get("opts", {}))).id
    if op == "work":
        opts = {"connection": url, "prefix": c.get("prefix", "bull"), "concurrency": c.get("concurrency", 1)}
        workers.append(Worker(c["queue"], process, {**opts, **c.get("opts", {})}))
        return None
    if op == "stop":
        while workers: await workers.pop().close(force=True)
        return None
    if op == "pause": return await queue(c).pause()
    if op == "resume": return await queue(c).resume()
    job = await Job.fromId(queue(c), c["id"])
    if job is None: raise LookupError("no such job")
    if op == "state": return await job.getState()
    if op == "values": return await job.getChildrenValues()
    if op == "returnvalue": return job.returnvalue
    if op == "retry": return await job.retry(c.get("state", "failed"))
    if op == "promote": return await job.promote()
    if op == "remove": return await job.remove({"removeChildren": c.get("removeChildren", True)})
    if op == "changePriority": return await job.changePriority({"priority": c["priority"], "lifo": c.get("lifo", False)})
    if op == "updateData": return await job.updateData(c["data"])
    if op == "updateProgress": return await job.updateProgress(c["progress"])
    if op == "log": return await job.log(c["row"])
    raise ValueError("unknown op " + op)


async def main():
    loop = asyncio.get_running_loop()
    print(json.dumps({"ok": "ready"}), flush=True)
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line: break
        try:
            out = {"ok": await answer(json.loads(line))}
        except Exception as error:
            out = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(out), flush=True)
    for w in workers: await w.close(force=True)


asyncio.run(main())
