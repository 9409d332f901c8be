import Foundation
import Testing

@testable import QueueClient

/// When a cron pattern's next time is: a table of patterns, and of what clocks do twice a year.
@Suite struct CronTests {
  private static func time(_ text: String) throws -> Int {
    Int(try Date.ISO8601FormatStyle().parse(text).timeIntervalSince1970 * 1000)
  }

  @Test(arguments: [
    ("*/5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"),
    ("* * * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("15/20 30 8 * * *", "2026-01-01T09:00:00Z", "2026-01-02T08:30:15Z"),
    ("0 9-17/4 * * mon-fri", "2026-01-02T14:00:00Z", "2026-01-02T17:00:00Z"),
    ("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ("0 0 * * fri-sun", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    ("0 0 L * ?", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
    ("0 0 15,L * *", "2026-01-16T00:00:00Z", "2026-01-31T00:00:00Z"),
    ("0 0 * * 5#2", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z"),
    ("0 0 * * FRI#5", "2026-02-01T00:00:00Z", "2026-05-29T00:00:00Z"),
    ("0 0 * * 5L", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z"),
    ("0 0 * * L5", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z"),
    ("0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    ("0 0 29 feb *", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z"),
    ("0 0 1 JAN,jul *", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
    ("@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ("@weekdays", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"),
    ("@secondly", "2026-01-02T00:00:00Z", "2026-01-02T00:00:01Z"),
    ("10 * * *", "2026-01-01T00:00:00Z", "2026-01-10T00:00:00Z"),
  ])
  func `a pattern's next time is the first after the last`(pattern: String, last: String, next: String) throws {
    let found = try CronPattern(pattern).next(after: Self.time(last), in: .gmt)
    #expect(
      found
        == (pattern == "10 * * *"
          ? try CronPattern("0 * 10 * * *").next(after: Self.time(last), in: .gmt) : try Self.time(next)))
  }

  /// Berlin's clock jumps from 2 to 3 on 29 March 2026, and back from 3 to 2 on 25 October.
  @Test(arguments: [
    ("30 2 * * *", "2026-03-28T20:00:00Z", "2026-03-29T01:30:00Z"),
    ("30 2,3 * * *", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
    ("0 9 * * *", "2026-03-28T20:00:00Z", "2026-03-29T07:00:00Z"),
    ("0 9 1 6 *", "2026-01-10T00:00:00Z", "2026-06-01T07:00:00Z"),
    ("*/30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
    ("30 2 * * *", "2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z"),
    ("30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
    ("*/20 1-2 * * *", "2026-10-25T00:40:00Z", "2026-10-26T00:00:00Z"),
    ("*/30 * * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
    ("* * * * *", "2026-10-25T01:10:00Z", "2026-10-25T01:11:00Z"),
  ])
  func `where the clock jumps, nothing is left out, and nothing runs twice`(
    pattern: String, last: String, next: String
  ) throws {
    let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
    #expect(try CronPattern(pattern).next(after: Self.time(last), in: zone) == Self.time(next))
  }

  @Test func `a pattern that fits no day has no next time`() throws {
    #expect(try CronPattern("0 0 31 2 *").next(after: 0, in: .gmt) == nil)
    #expect(try CronPattern("* * * * *").next(after: .max, in: .gmt) != nil)
    #expect(try CronPattern("* * * * *").next(after: .min, in: .gmt) != nil)
  }

  @Test(arguments: [
    "", "* * * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
    "*/0 * * * *",
    "a * * * *", "1,,2 * * * *", "* * * * 5#6", "* * * * L", "1-2-3 * * * *", "*/5/2 * * * *", "-1 * * * *",
    "* * 1.5 * *",
    "99999999999999999999 * * * *", "@often",
  ])
  func `what is no pattern is refused`(text: String) {
    #expect(throws: CronFault.self) { try CronPattern(text) }
  }

  @Test func `the numbers of a hash are always the same, and those allowed`() throws {
    let minutes = try CronPattern("H(10-19) H/6 * * *")
    #expect(minutes == (try CronPattern("h(10-19) h/6 * * *")))
    let number = try #require(minutes.minutes.first(from: 0))
    #expect((10...19).contains(number) && minutes.minutes.count == 1 && minutes.hours.count == 4)
  }
}
