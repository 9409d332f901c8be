import Foundation
import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Job schedulers of real BullMQ, carried on by ours.
@Suite(.serialized) struct SchedulerInteropTests {
  @Test(
    arguments: [
      ["every": 1000, "limit": 12, "startDate": 2_050_000_000_000],
      ["pattern": "*/10 * * * *", "tz": "UTC", "limit": 12, "startDate": 2_050_000_000_000],
    ] as [JSON])
  func `a chain worked on by turns loses no job, and doubles none`(repeating: JSON) async throws {
    try await withRedis { redis, server in
      let peer = try await Peer(on: server.endpoint)
      try await peer.ask(
        "upsertScheduler",
        [
          "queue": "q", "scheduler": "a:b", "repeat": repeating, "name": "tick", "data": ["n": 1],
          "opts": ["attempts": 2],
        ])
      var ours = Ours(redis: redis, isStaging: false)
      var done: [String] = []
      while let id = try await redis.send(["ZRANGE", "bull:q:delayed", "0", "-1"]).strings.first {
        #expect(try await redis.send(["ZCARD", "bull:q:delayed"]).int == 1)
        try await peer.ask("promote", ["queue": "q", "id": .string(id)])
        let take = Program.Step(op: "take", arguments: ["queue": "q"])
        let complete = Program.Step(op: "complete", arguments: ["queue": "q", "id": .string(id), "value": 1])
        for step in [take, complete] {
          _ = done.count % 3 == 1 ? try await peer.ask(step.op, step.arguments) : try await ours.perform(step)
        }
        done.append(id)
      }
      #expect(done.count == 12 && Set(done).count == 12)
      #expect(try await redis.send(["HGET", "bull:q:repeat:a:b", "ic"]).int == 12)
      let times = done.compactMap { Int($0.split(separator: ":").last ?? "") }
      let steps = zip(times.dropFirst(), times).map { $0 - $1 }
      #expect(Set(steps) == [repeating["every"]?.int ?? 600_000])
      #expect(try await ConsistencyCheck(connection: redis).run() == [])
    }
  }

  private struct Case {
    var pattern: String
    var zone: String
    var from: Int
    var json: JSON { ["pattern": .string(pattern), "tz": .string(zone), "from": .int(from)] }
  }

  private struct Maker {
    var random: Program.Random
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func field(_ range: ClosedRange<Int>, _ names: [String] = [], any: Int) -> String {
      if chance(any) { return "*" }
      func number(_ range: ClosedRange<Int>, _ random: inout Program.Random) -> Int {
        .random(in: range, using: &random)
      }
      var elements: [String] = []
      for _ in 0..<(chance(25) ? 3 : 1) {
        let low = number(range, &random)
        switch number(0...5, &random) {
        // A week of seven and eight days at once is too much for the peer.
        case 0: elements.append("*/\(number(2...(range.upperBound == 6 ? 6 : 9), &random))")
        case 1: elements.append("\(low)-\(number(low...range.upperBound, &random))")
        case 2: elements.append("\(low)-\(number(low...range.upperBound, &random))/\(number(1...4, &random))")
        case 3 where !names.isEmpty: elements.append(names[number(0...names.count - 1, &random)])
        default: elements.append("\(low)")
        }
      }
      return elements.joined(separator: ",")
    }

    mutating func day() -> (ofMonth: String, ofWeek: String) {
      let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "SAT"]
      switch Int.random(in: 0...7, using: &random) {
      case 0: return ("l", "*")
      case 1: return ("*", "\(Int.random(in: 0...6, using: &random))#\(Int.random(in: 1...5, using: &random))")
      case 2: return ("?", "l\(Int.random(in: 0...6, using: &random))")
      case 3: return (field(1...31, any: 0), "*")
      case 4: return ("*", field(0...6, weekdays, any: 0))
      // Of a day that its month has not, the peer makes nothing, whatever else there is.
      case 5: return (field(1...28, any: 0), weekdays[Int.random(in: 0...6, using: &random)])
      default: return ("*", "?")
      }
    }

    mutating func next() -> Case {
      let day = day()
      var fields = [
        field(0...59, any: 30), field(0...23, any: 40), day.ofMonth,
        field(1...12, ["jan", "FEB", "mar", "nov", "dec"], any: 70), day.ofWeek,
      ]
      if chance(40) { fields.insert(field(0...59, any: 30), at: 0) }
      let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Santiago"]
      let macros = ["@yearly", "@monthly", "@weekly", "@daily", "@hourly"]
      return Case(
        pattern: chance(4) ? macros[Int.random(in: 0..<macros.count, using: &random)] : fields.joined(separator: " "),
        zone: zones[Int.random(in: 0..<zones.count, using: &random)],
        from: Int.random(in: 1_577_836_800_000...1_900_000_000_000, using: &random))
    }
  }

  /// The peer's croniter is an hour wrong where the clock is changed between the two times: there, it is asked again
  /// from just before what ours says.
  @Test func `the times of six thousand patterns are those of the peer`() async throws {
    try await withRedis { _, server in
      let peer = try await Peer(on: server.endpoint)
      var maker = Maker(random: Program.Random(state: 42))
      let cases = (0..<6000).map { _ in maker.next() }
      var again: [(Case, Int)] = []
      var compared = 0
      func zone(_ name: String) -> TimeZone { TimeZone(identifier: name) ?? .gmt }
      func offset(_ zone: TimeZone, _ time: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))
      }
      for first in stride(from: 0, to: cases.count, by: 500) {
        let portion = Array(cases[first..<first + 500])
        let answers = try await peer.ask("cron", ["cases": .array(portion.map(\.json))]).array ?? []
        for (each, answer) in zip(portion, answers) {
          let zone = zone(each.zone)
          let ours = try CronPattern(each.pattern).next(after: each.from, in: zone)
          if let ours, (-2...1).contains(where: { offset(zone, each.from) != offset(zone, ours + $0 * 7_200_000) }) {
            again.append((each, ours))
          } else {
            #expect(ours == answer.int, "\(each.json.text)")
            compared += 1
          }
        }
      }
      let portion = again.filter { each, ours in
        (-12...2).allSatisfy { offset(zone(each.zone), ours + $0 * 3_600_000) == offset(zone(each.zone), ours) }
      }
      let answers =
        try await peer.ask(
          "cron",
          ["cases": .array(portion.map { Case(pattern: $0.pattern, zone: $0.zone, from: $1 - 1000).json })]
        ).array ?? []
      for ((each, ours), answer) in zip(portion, answers) { #expect(ours == answer.int, "\(each.json.text)") }
      #expect(compared > 4000 && portion.count > 500 && answers.count == portion.count)
    }
  }
}
