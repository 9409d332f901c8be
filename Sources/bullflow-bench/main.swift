import PrivateRedis
import Redis

let server = try await PrivateRedis.start()
let client = RedisClient(configuration: RedisConfiguration(endpoint: server.endpoint))
try await client.send(["SET", "k", "xxx"])
for callers in [1, 50, 500] {
  let total = callers == 1 ? 30_000 : 600_000
  let t = ContinuousClock.now
  try await withThrowingTaskGroup { group in
    for _ in 0..<callers {
      group.addTask { for _ in 0..<(total / callers) { _ = try await client.send(["GET", "k"]) } }
    }
    try await group.waitForAll()
  }
  print(callers, Double(total) / (ContinuousClock.now - t).seconds)
}
server.stop()
