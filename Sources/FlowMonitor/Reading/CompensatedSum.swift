/// A sum that is right however many fractions are added: what each addition loses is kept, and added in the end (Neumaier).
public struct CompensatedSum: Sendable {
  private var sum = 0.0
  private var lost = 0.0

  /// No numbers yet.
  public init() {}

  /// The sum.
  public var value: Double { sum + lost }

  /// Adds a number.
  public mutating func add(_ number: Double) {
    let next = sum + number
    lost += sum.magnitude >= number.magnitude ? (sum - next) + number : (number - next) + sum
    sum = next
  }
}
