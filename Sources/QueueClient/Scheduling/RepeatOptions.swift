import Foundation

/// When a job scheduler makes its jobs, by BullMQ's names.
///
/// ```swift
/// try await queue.upsertJobScheduler("report", repeating: RepeatOptions(pattern: "0 9 * * mon-fri", tz: "Europe/Berlin"))
/// try await queue.upsertJobScheduler("ping", repeating: RepeatOptions(every: 60_000))
/// ```
public struct RepeatOptions: Sendable, Hashable {
  /// A cron pattern of five fields, or of six with the seconds first.
  public var pattern: String?
  /// The name of the time zone that the pattern is in; without one, the machine's own.
  public var tz: String?
  /// The milliseconds from one job to the next.
  public var every: Int?
  /// The milliseconds by which jobs of `every` are late on its multiples.
  public var offset: Int?
  /// How many jobs are made at the most.
  public var limit: Int?
  /// No job is due before, in milliseconds since 1970.
  public var startDate: Int?
  /// No job is due after, in milliseconds since 1970.
  public var endDate: Int?
  /// Whether the first job of a pattern is due at once.
  public var immediately: Bool

  /// Options from their values.
  public init(
    pattern: String? = nil, tz: String? = nil, every: Int? = nil, offset: Int? = nil, limit: Int? = nil,
    startDate: Int? = nil, endDate: Int? = nil, immediately: Bool = false
  ) {
    self.pattern = pattern
    self.tz = tz
    self.every = every
    self.offset = offset
    self.limit = limit
    self.startDate = startDate
    self.endDate = endDate
    self.immediately = immediately
  }

  /// Options from a JSON object, as in a job's `opts.repeat`; what cannot be read counts as absent.
  public init(_ json: JSON) {
    self.init(
      pattern: json["pattern"]?.string.flatMap { $0.isEmpty ? nil : $0 },
      tz: json["tz"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? (json["utc"]?.isTruthy == true ? "UTC" : nil),
      every: Self.number(json["every"]).flatMap { $0 == 0 ? nil : $0 }, offset: Self.number(json["offset"]),
      limit: Self.number(json["limit"]), startDate: Self.time(json["startDate"]), endDate: Self.time(json["endDate"]),
      immediately: json["immediately"]?.isTruthy ?? false)
  }

  /// The options as they stand in `opts.repeat`: all but `immediately`, which is for the first job alone.
  var stored: [JSON.Member] {
    var members: [JSON.Member] = []
    if let pattern { members.append(.init("pattern", .string(pattern))) }
    if let tz { members.append(.init("tz", .string(tz))) }
    if let every { members.append(.init("every", .int(every))) }
    if let limit { members.append(.init("limit", .int(limit))) }
    return members
  }

  /// Why a scheduler cannot have them; `nil` where it can.
  var fault: CronFault? {
    switch (pattern, every) {
    case (nil, nil): return CronFault("it has neither a pattern nor every")
    case (.some, .some): return CronFault("it has both a pattern and every")
    case (nil, let every?):
      if every < 1 { return CronFault("every \(every) is not a number of milliseconds from 1 on") }
    case (let pattern?, nil):
      do { _ = try CronPattern(pattern) } catch { return error }
      if let tz, TimeZone(identifier: tz) == nil { return CronFault("there is no time zone '\(tz)'") }
    }
    if immediately, startDate != nil { return CronFault("immediately and startDate exclude each other") }
    return nil
  }

  /// A whole number of a size that can be reckoned with.
  static func number(_ json: JSON?) -> Int? {
    guard let number = json?.double ?? json?.string.flatMap({ Double($0) }), !number.isNaN else { return nil }
    return min(max(Int(clamping: number.rounded(.down)), -Epoch.limit), Epoch.limit)
  }

  /// A time, from a number or from text as JavaScript's `toISOString` writes it.
  private static func time(_ json: JSON?) -> Int? {
    if let number = number(json) { return number }
    guard let text = json?.string else { return nil }
    let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    let date = (try? exact.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
    return date.flatMap { number(.double(($0.timeIntervalSince1970 * 1000).rounded())) }
  }
}
