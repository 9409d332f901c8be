/// What the failure of a child does to its parent. Without one, the parent keeps waiting.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
  /// The parent fails too.
  case failParentOnFailure
  /// The parent runs at once, whatever else is pending.
  case continueParentOnFailure
  /// The failure is noted, and the parent waits for the rest.
  case ignoreDependencyOnFailure
  /// The child is forgotten, and the parent waits for the rest.
  case removeDependencyOnFailure

  /// The short name in Redis.
  public var storedName: String {
    switch self {
    case .failParentOnFailure: ShortOption.failParentOnFailure.rawValue
    case .continueParentOnFailure: ShortOption.continueParentOnFailure.rawValue
    case .ignoreDependencyOnFailure: ShortOption.ignoreDependencyOnFailure.rawValue
    case .removeDependencyOnFailure: ShortOption.removeDependencyOnFailure.rawValue
    }
  }

  init?(stored parent: JSON) {
    guard let policy = FailurePolicy.allCases.first(where: { parent[$0.storedName]?.bool == true }) else { return nil }
    self = policy
  }
}
