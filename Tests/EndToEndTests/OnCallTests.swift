import Foundation
import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// An engineer is woken: finds what is stuck among hundreds of flows, understands it, mends it, from the screen alone.
/// Beside real BullMQ's workers, with no key that the screen does not name when it is pressed.
@Suite(.serialized) struct OnCallTests {
  private static let healthy = 300

  /// A person at a terminal, who presses only what the screen names.
  private struct Person {
    let terminal: Tmux
    var presses = 0

    mutating func press(_ key: String, namedBy hint: String) async throws {
      try await terminal.waits(for: hint)
      try await terminal.type(key)
      presses += 1
    }
  }

  /// What is wrong with each of the stuck flows, as the screen says it, and the button that helps.
  private struct Trouble {
    var sentence: String
    var button: String
    /// Whether the program does it; else it is a command for a shell.
    var isAction = true
  }

  private static let troubles = [
    Trouble(sentence: "! monthly waits for convert, which failed for good", button: "run again what failed"),
    Trouble(sentence: "! album waits for photos/gone, which does not exist", button: "give up what can never come"),
    Trouble(sentence: "! entry waits in ledger, which is paused", button: "let ledger go on"),
    Trouble(
      sentence: "! film is active, and no worker of render is connected", button: "start a worker of render",
      isAction: false),
  ]

  private static func child(_ name: String, _ queue: String, _ id: String, _ data: JSON = [:], _ below: [JSON] = [])
    -> JSON
  {
    [
      "name": .string(name), "queueName": .string(queue), "data": data, "opts": ["jobId": .string(id)],
      "children": .array(below),
    ]
  }

  private static let stuck: [JSON] = [
    child(
      "monthly", "reports", "monthly", [:], [child("convert", "steps", "convert", ["fatal": "exchange rates 503"])]),
    child("album", "albums", "album", [:], [child("photo", "photos", "gone"), child("photo", "photos", "there")]),
    child(
      "year", "years", "year", [:],
      [child("quarter", "quarters", "q1", [:], [child("month", "months", "m1", [:], [child("entry", "ledger", "e1")])])]
    ),
    child("export", "exports", "export", [:], [child("film", "render", "film", ["sleeps": 600])]),
  ]

  /// The healthy flows, four that are stuck in four ways, and workers for all queues but one.
  private func setUp(_ peer: Peer, _ redis: RedisClient, _ server: PrivateRedis) async throws {
    let flows = (0..<Self.healthy).map { number in
      Self.child("order-\(number)", "orders", "order-\(number)", [:], [Self.child("pack", "packing", "pack-\(number)")])
    }
    try await peer.ask("addBulk", ["flows": .array(flows + Self.stuck)])
    // Somebody has tidied up too much.
    try await redis.send(["DEL", "bull:photos:gone"])
    try await redis.send(["LREM", "bull:photos:wait", "0", "gone"])
    try await peer.ask("pause", ["queue": "ledger"])
    // The only worker of a queue dies with a job in hand.
    let doomed = try await Peer(on: server.endpoint)
    try await doomed.ask("work", ["queue": "render", "opts": ["lockDuration": 1000]])
    #expect(try await eventually { try await redis.send(["LLEN", "bull:render:active"]).int == 1 } != nil)
    await doomed.kill()
    try await redis.send(["HSET", "bull:render:film", "data", "{}"])
    for queue in ["orders", "packing"] { try await peer.ask("work", ["queue": .string(queue), "concurrency": 20]) }
    for queue in ["reports", "steps", "albums", "photos", "years", "quarters", "months", "ledger", "exports"] {
      try await peer.ask("work", ["queue": .string(queue)])
    }
    #expect(try await eventually { try await redis.send(["ZCARD", "bull:steps:failed"]).int == 1 } != nil)
    // The rates are back by the time that somebody looks.
    try await redis.send(["HSET", "bull:steps:convert", "data", "{}"])
    #expect(try await eventually { try await redis.send(["EXISTS", "bull:render:film:lock"]).int == 0 } != nil)
  }

  @Test(arguments: [(80, 24), (160, 50)]) func `four stuck flows among 300 are found, understood and mended`(
    size: (Int, Int)
  ) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await setUp(peer, redis, server)
      try await withTerminal(columns: size.0, rows: size.1) { terminal in
        try await terminal.run("\(Places.bullflow) --url \(Peer.url(of: server.endpoint)) --notifications enable")
        var person = Person(terminal: terminal)
        try await terminal.waits(within: .seconds(40)) { Self.count(in: $0) == 4 }
        try await person.press("]", namedBy: "] next problem")
        try await terminal.waits(for: "problem 1 of 4")
        try await person.press("w", namedBy: "w why")
        var left = Self.troubles
        while !left.isEmpty {
          let screen = try await terminal.waits { screen in left.contains { Self.flat(screen).contains($0.sentence) } }
          guard let index = left.firstIndex(where: { Self.flat(screen).contains($0.sentence) }) else { break }
          let trouble = left.remove(at: index)
          try await mend(trouble, &person, peer)
          try await terminal.waits(within: .seconds(40)) { Self.count(in: $0) == left.count }
          if !left.isEmpty { try await person.press("]", namedBy: "] next problem") }
        }
        let roots = ["reports": 1, "albums": 1, "years": 1, "exports": 1, "orders": Self.healthy]
        for (queue, count) in roots.sorted(by: { $0.key < $1.key }) {
          let isDone = try await eventually {
            try await redis.send(["ZCARD", "bull:\(queue):completed"]).int == count
          }
          #expect(isDone != nil, "\(queue)")
        }
        print("on call at \(size.0)x\(size.1): \(person.presses) key presses")
        #expect(person.presses < 30)
      }
      try await peer.ask("stop")
    }
  }

  /// Presses the button that helps, and what it asks for then.
  private func mend(_ trouble: Trouble, _ person: inout Person, _ peer: Peer) async throws {
    let screen = try await person.terminal.waits(for: trouble.button)
    let line = screen.split(separator: "\n").first { $0.contains(trouble.button) } ?? ""
    let number = try #require(line.firstMatch(of: /(\d)  [a-z]/)).1
    try await person.press(String(number), namedBy: "\(number)  \(trouble.button)")
    if trouble.isAction {
      try await person.press("y", namedBy: "y do it")
      try await person.terminal.waits(within: .seconds(30)) {
        Self.flat($0).contains("nothing is left that needs somebody")
      }
    } else {
      // What the screen has put onto the clipboard is done where workers live.
      try await person.terminal.waits(for: "bullflow work render -- YOUR-PROGRAM")
      try await person.terminal.waits(for: "copied")
      try await peer.ask("work", ["queue": "render", "opts": ["stalledInterval": 300]])
    }
  }

  /// How many problems the header tells; `nil` while that is not sure.
  private static func count(in screen: String) -> Int? {
    guard let header = screen.split(separator: "\n").first, !header.contains("sweep") else { return nil }
    if header.contains("no problems") || header.contains("✗0") { return 0 }
    return (header.firstMatch(of: /\s(\d+) problem/) ?? header.firstMatch(of: /✗(\d+)\s/)).flatMap { Int($0.1) }
  }

  /// The screen without the breaks of its lines, as a person reads it.
  private static func flat(_ screen: String) -> String {
    screen.split(separator: "\n").map { line in
      // Beside the list, the page stands behind a line of its own.
      line.split(separator: "│").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    }.joined(separator: " ")
  }
}
