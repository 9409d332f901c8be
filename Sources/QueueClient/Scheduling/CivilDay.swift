/// A day of the Gregorian calendar, reckoned without any library. Pure.
struct CivilDay: Sendable, Hashable {
  /// Days since 1 January 1970.
  let number: Int
  let year: Int
  let month: Int
  let day: Int

  /// The day so many days after 1 January 1970.
  ///
  /// Years begin in March here, so that the leap day is the last of its year.
  init(number: Int) {
    self.number = number
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
    month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Sunday is 0.
  var weekday: Int { ((number % 7) + 11) % 7 }

  /// The number of the month's last day.
  var lastOfMonth: Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The day after.
  var next: CivilDay { CivilDay(number: number + 1) }

  /// The first day of the month after.
  var nextMonth: CivilDay { CivilDay(number: number + lastOfMonth - day + 1) }
}
