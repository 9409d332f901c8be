/// A cron pattern as BullMQ's job schedulers have it: five fields, or six with the seconds first. Pure.
///
/// What Node's cron-parser and Python's croniter both read is read alike here; where they part, cron-parser decides.
struct CronPattern: Sendable, Hashable {
  private(set) var seconds: NumberSet
  private(set) var minutes: NumberSet
  private(set) var hours: NumberSet
  private(set) var months: NumberSet
  private(set) var days: CronDays

  /// Whether every hour of the day is in it.
  var isHourly: Bool { hours.count == 24 }

  private static let macros = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *", "@minutely": "* * * * *",
    "@secondly": "* * * * * *", "@weekdays": "0 0 * * 1-5", "@weekends": "0 0 * * 0,6",
  ]

  /// A pattern from its text.
  init(_ text: String) throws(CronFault) {
    let lowered = text.lowercased()
    let body = Self.macros[lowered] ?? lowered
    var fields = body.split(whereSeparator: \.isWhitespace)
    guard (1...6).contains(fields.count) else {
      throw CronFault("the pattern '\(text)' has \(fields.count) fields; five or six are needed")
    }
    // Fields that are missing are those in front.
    fields.insert(contentsOf: (["0", "*", "*", "*", "*", "*"] as [Substring]).prefix(6 - fields.count), at: 0)
    do {
      seconds = try CronField.second.numbers(in: fields[0])
      minutes = try CronField.minute.numbers(in: fields[1])
      hours = try CronField.hour.numbers(in: fields[2])
      months = try CronField.month.numbers(in: fields[4])
      days = try CronDays(ofMonth: fields[3], ofWeek: fields[5])
    } catch {
      throw CronFault("the pattern '\(text)' cannot be read: \(error)")
    }
  }

  /// The first time of day from one on, in seconds.
  func firstTime(from second: Int) -> Int? {
    var (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60)
    while let nextHour = hours.first(from: hour) {
      if nextHour > hour { (minute, second) = (0, 0) }
      while let nextMinute = minutes.first(from: minute) {
        if nextMinute > minute { second = 0 }
        if let nextSecond = seconds.first(from: second) { return nextHour * 3600 + nextMinute * 60 + nextSecond }
        (minute, second) = (nextMinute + 1, 0)
      }
      (hour, minute, second) = (nextHour + 1, 0, 0)
    }
    return nil
  }
}

/// The days of a pattern: of the month, of the week, or, where it names both, of either.
struct CronDays: Sendable, Hashable {
  private var ofMonth = NumberSet()
  private var isLastOfMonth = false
  private var isAnyOfMonth: Bool
  private var ofWeek = NumberSet()
  /// Weekdays of which only the first, second, … fifth in a month counts.
  private var ordinals = [NumberSet](repeating: NumberSet(), count: 5)
  /// Weekdays of which only the last in a month counts.
  private var lastOfWeek = NumberSet()
  private var isAnyOfWeek: Bool

  init(ofMonth monthText: Substring, ofWeek weekText: Substring) throws(CronFault) {
    isAnyOfMonth = monthText == "*" || monthText == "?"
    isAnyOfWeek = weekText == "*" || weekText == "?"
    for element in monthText.split(separator: ",", omittingEmptySubsequences: false) {
      if element == "l" {
        isLastOfMonth = true
      } else {
        ofMonth.formUnion(try CronField.dayOfMonth.numbers(ofElement: element))
      }
    }
    for element in weekText.split(separator: ",", omittingEmptySubsequences: false) { try addWeekday(element) }
  }

  private mutating func addWeekday(_ element: Substring) throws(CronFault) {
    let field = CronField.dayOfWeek
    let parts = element.split(separator: "#", omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard let ordinal = Int(parts[1]), (1...5).contains(ordinal) else {
        throw CronFault("'\(element)' is no day of week: the number behind # is 1 to 5")
      }
      ordinals[ordinal - 1].formUnion(try field.numbers(ofElement: parts[0]))
    } else if element.count > 1, element.first == "l" {
      lastOfWeek.formUnion(try field.numbers(ofElement: element.dropFirst()))
    } else if element.count > 1, element.last == "l" {
      lastOfWeek.formUnion(try field.numbers(ofElement: element.dropLast()))
    } else {
      ofWeek.formUnion(try field.numbers(ofElement: element))
    }
  }

  /// Whether a day is one of them.
  func contains(_ day: CivilDay) -> Bool {
    let isOfMonth = ofMonth.contains(day.day) || (isLastOfMonth && day.day == day.lastOfMonth)
    let isOfWeek =
      ofWeek.contains(day.weekday) || ordinals[(day.day - 1) / 7].contains(day.weekday)
      || (day.day > day.lastOfMonth - 7 && lastOfWeek.contains(day.weekday))
    if !isAnyOfMonth, !isAnyOfWeek { return isOfMonth || isOfWeek }
    return (isAnyOfMonth || isOfMonth) && (isAnyOfWeek || isOfWeek)
  }
}
