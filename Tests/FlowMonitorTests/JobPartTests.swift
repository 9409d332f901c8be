import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// Parts of jobs that are too much to be read at once.
@Suite struct JobPartTests {
  private func place(_ id: String) -> JobKey { JobKey(queue: QueueKey(name: "q"), id: id) }

  @Test func `a long text is read by pieces that make up the whole, none of them large`() async throws {
    try await withRedis { redis, _ in
      let key = place("1")
      let text = "[" + (0..<60_000).map { "\"Zeile \($0) – ü\"" }.joined(separator: ",") + "]"
      try await redis.send(["HSET", .text(key.description), "name", "n", "data", .text(text), "opts", "{}"])
      let detail = try #require(try await JobDetail.read(key, from: redis))
      #expect(detail.long == ["data": text.utf8.count])
      var piece = try #require(detail.pieces[.data])
      var whole = piece.text
      while piece.hasMore {
        guard case .text(let next)? = try await JobPart.text(.data, from: piece.end).read(of: key, by: redis) else {
          break
        }
        #expect(next.first == piece.end && next.text.utf8.count <= TextPiece.most && next.end > next.first)
        piece = next
        whole += piece.text
      }
      #expect(whole == text)
    }
  }

  @Test func `pieces of what has no line and no comma, and is no UTF-8, come to an end, too`() async throws {
    try await withRedis { redis, _ in
      let key = place("1")
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: [0xF0, 0x9F, 0x9A, 0x80, 0xFF, 0x80, 0x41][$0 % 7]) }
      try await redis.send(["HSET", .text(key.description), "data", .bytes(bytes)])
      var end = 0
      var count = 0
      while let piece = try await TextPiece.read(.data, of: key, from: end, by: redis), count < 10 {
        count += 1
        #expect(piece.end > end)
        end = piece.end
        if !piece.hasMore { break }
      }
      #expect(end == bytes.count && count == 4)
      #expect(try await TextPiece.read(.data, of: key, from: 1 << 40, by: redis)?.text == "")
      #expect(try await TextPiece.read(.data, of: place("none"), from: 0, by: redis) == nil)
    }
  }

  @Test func `where no script may run, a long text is told by its size alone`() async throws {
    try await withRedis { redis, _ in
      let key = place("1")
      try await redis.send(["HSET", .text(key.description), "data", .bytes(.init(repeating: 65, count: 300_000))])
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      let detail = try #require(try await JobDetail.read(key, from: plain))
      #expect(detail.long == ["data": 300_000] && detail.pieces.isEmpty)
    }
  }

  @Test(arguments: [true, false]) func `a log is read from its end, page by page`(mayRunScripts: Bool) async throws {
    try await withRedis { redis, _ in
      let key = place("1")
      try await redis.send(RedisCommand("RPUSH", [key[.logs]] + (0..<450).map { "row \($0)" }))
      let client = mayRunScripts ? redis : try await redis.withoutScripts()
      defer { if !mayRunScripts { client.close() } }
      var page = try await LogPage.read(of: key, before: nil, by: client)
      #expect(page.total == 450 && !page.hasLater && page.rows.last?.text == "row 449")
      var rows = page.rows
      while page.first > 0 {
        page = try await LogPage.read(of: key, before: page.first, by: client)
        rows = page.rows + rows
      }
      #expect(rows.map(\.text) == (0..<450).map { "row \($0)" })
      #expect(try await LogPage.read(of: place("none"), before: nil, by: client).total == 0)
    }
  }

  @Test func `rows of a log that are huge are cut, and a page of them stays small`() async throws {
    try await withRedis { redis, _ in
      let key = place("1")
      for _ in 0..<30 {
        try await redis.send(["RPUSH", .text(key[.logs]), .bytes(.init(repeating: 66, count: 100_000))])
      }
      let page = try await LogPage.read(of: key, before: nil, by: redis)
      #expect(page.rows.allSatisfy { $0.isCut && $0.size == 100_000 })
      #expect(page.rows.reduce(0) { $0 + $1.text.utf8.count } <= 200_000 && page.first == 30 - page.rows.count)
    }
  }

  @Test(arguments: [true, false])
  func `children come with what became of each, those that need somebody first`(mayRunScripts: Bool) async throws {
    try await withRedis { redis, _ in
      let parent = place("P")
      let client = mayRunScripts ? redis : try await redis.withoutScripts()
      defer { if !mayRunScripts { client.close() } }
      try await redis.pipeline([
        ["HSET", "bull:q:P", "name", "p"], ["ZADD", "bull:q:waiting-children", "1", "P"],
        ["SADD", .text(parent[.dependencies]), "bull:q:w"], ["RPUSH", "bull:q:wait", "w"],
        ["HSET", "bull:q:w", "name", "w"],
        [
          "HSET", .text(parent[.processed]), "bull:q:done", "12", "bull:q:gone",
          "{\"a\":\"a value of some length, kept\"}",
        ],
        ["HSET", "bull:q:done", "name", "d", "returnvalue", "12", "processedOn", "1000", "finishedOn", "3500"],
        ["ZADD", "bull:q:completed", "1", "done"],
        ["HSET", .text(parent[.failed]), "bull:q:late", "timed out"],
      ])
      let page = try await ChildPage.read(of: parent, at: nil, by: client)
      #expect(page.next == nil && page.counts.total == 4)
      #expect(page.children.map(\.key.id) == ["late", "w", "done", "gone"])
      #expect(page.children[0].reason == "timed out" && page.children[0].name == nil)
      #expect(page.children[2].value == 12 && page.children[2].duration == 2500 && page.children[2].state == .completed)
      #expect(page.children[3].value?["a"] == "a value of some length, kept")
    }
  }

  @Test func `a wide family comes by pages, each child once`() async throws {
    try await withRedis { redis, _ in
      let parent = place("P")
      for first in stride(from: 0, to: 3000, by: 500) {
        try await redis.send(
          RedisCommand("HSET", [parent[.processed]] + (first..<first + 500).flatMap { ["bull:q:\($0)", "\($0)"] }))
      }
      try await redis.send(["SADD", .text(parent[.dependencies]), "bull:q:x", "bull:q:y"])
      var seen: [JobKey] = []
      var place: ChildPage.Place?
      var pages = 0
      repeat {
        let page = try await ChildPage.read(of: parent, at: place, by: redis)
        #expect(page.children.count < 600)
        seen += page.children.map(\.key)
        place = page.next
        pages += 1
      } while place != nil && pages < 100
      #expect(Set(seen).count == 3002 && seen.count == 3002 && pages > 5)
    }
  }
}
