#!/usr/bin/env python3
"""The real BullMQ as the tests use it: one JSON command a line on stdin, one JSON answer a line on stdout.

  peer.py REDIS_URL

A worker does what the job's data says: {"returns": x}, {"fails": "why"}, {"fatal": "why"}, {"sleeps": seconds},
{"sums": true} (the sum of its children's values), {"progress": x}, {"logs": "row"}; else it returns 1.
"""
import asyncio, json, os, pathlib, sys, time
import bullmq, redis.asyncio
from bullmq import FlowProducer, Job, Queue, UnrecoverableError, Worker

url = sys.argv[1]
queues, producers, workers = {}, {}, []
takers, held, scripts = {}, {}, {}


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


def taker(c):
    key = (c.get("prefix", "bull"), c["queue"])
    if key not in takers:
        takers[key] = Worker(key[1], process, {"connection": url, "prefix": key[0], "autorun": False})
    return takers[key]


async def script(name, keys, args):
    """Runs one of BullMQ's scripts that the Python package carries without having a method for it."""
    if name not in scripts:
        folder = pathlib.Path(bullmq.__file__).parent / "commands"
        scripts[name] = next(folder.glob(name + "-*.lua")).read_text()
    return await raw().eval(scripts[name], len(keys), *keys, *args)


def raw():
    if "client" not in scripts: scripts["client"] = redis.asyncio.from_url(url, decode_responses=True)
    return scripts["client"]


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
    if op == "cron":
        from bullmq.job_scheduler import default_repeat_strategy
        def nextTime(case):
            try: return default_repeat_strategy(case["from"], {"pattern": case["pattern"], "tz": case["tz"]})
            except Exception: return None
        return [nextTime(case) for case in c["cases"]]
    if op == "upsertScheduler":
        job = await queue(c).upsertJobScheduler(c["scheduler"], c["repeat"], c["name"], c["data"], c["opts"])
        return job.id if job else None
    if op == "removeScheduler": return await queue(c).removeJobScheduler(c["scheduler"]) == 0
    if op == "pause": return await queue(c).pause()
    if op == "resume": return await queue(c).resume()
    if op == "ring":
        await raw().delete(f"{c.get('prefix', 'bull')}:{c['queue']}:marker")
        return None
    if op == "take":
        job = await taker(c).moveToActive("token")
        if job: held[(c.get("prefix", "bull"), c["queue"], job.id)] = job
        return job.id if job else None
    if op == "drain": return await queue(c).drain(c.get("delayed", False))
    if op == "clean": return sorted(await queue(c).clean(c["grace"], c["limit"], c["state"]))
    if op == "obliterate": return await queue(c).obliterate(c.get("force", False))
    if op == "retryJobs": return await queue(c).retryJobs({"state": c["state"]})
    if op == "promoteJobs": return await queue(c).promoteJobs({})
    if op == "recoverStalled":
        return sorted(await taker(c).backend.moveStalledJobsToWait(1, 30000))
    if op == "forgetLocks":
        base = c.get("prefix", "bull") + ":" + c["queue"]
        for key in [k async for k in raw().scan_iter(base + ":*:lock")] + [base + ":stalled-check"]:
            await raw().delete(key)
        return None
    if op == "waitForChildren":
        job = held[(c.get("prefix", "bull"), c["queue"], c["id"])]
        moved = await job.moveToWaitingChildren("token", {})
        if moved: held.pop((c.get("prefix", "bull"), c["queue"], c["id"]))
        return moved
    if op == "putOff":
        job = held.pop((c.get("prefix", "bull"), c["queue"], c["id"]))
        return await job.moveToDelayed(round(time.time() * 1000) + c["delay"], "token")
    if op in ("complete", "fail"):
        job = held.pop((c.get("prefix", "bull"), c["queue"], c["id"]))
        if op == "complete": return await job.moveToCompleted(c["value"], "token", False) and None
        return await job.moveToFailed(RuntimeError(c["reason"]), "token", False) and None
    if op == "states": return [await queue(c).backend.getState(i) for i in c["ids"]]
    base = c.get("prefix", "bull") + ":" + c.get("queue", "")
    job = await Job.fromId(queue(c), c["id"])
    if job is None: raise LookupError("no such job")
    if op == "removeUnprocessed":
        return await script("removeUnprocessedChildren", [f"{base}:{c['id']}", base + ":meta"], [base + ":", c["id"]])
    if op == "removeDependency":
        parent = await raw().hget(f"{base}:{c['id']}", "parentKey")
        if not parent: return False
        code = await script("removeChildDependency", [base + ":"], [f"{base}:{c['id']}", parent])
        if code < 0: raise LookupError(f"code {code}")
        return code == 0
    if op == "changeDelay":
        now = round(time.time() * 1000)
        code = await script(
            "changeDelay", [base + ":delayed", base + ":meta", base + ":marker", base + ":events"],
            [c["delay"], now, c["id"], f"{base}:{c['id']}"])
        if code < 0: raise LookupError(f"code {code}")
        return None
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
    if "client" in scripts: await scripts["client"].aclose()


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
# The package leaves connections open that would complain about a closed loop.
sys.stdout.flush()
os._exit(0)
