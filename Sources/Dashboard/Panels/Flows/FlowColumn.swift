/// A column of the list of flows.
public enum FlowColumn: String, Sendable, Hashable, CaseIterable {
  /// The tree: signs, names, hints.
  case flow
  /// The queue and the id.
  case id
  /// The state, and why.
  case state
  /// A parent's bar.
  case progress
  /// How long it is so.
  case age
  /// What it returned.
  case value

  /// How a column stands in a row.
  var place: WritableKeyPath<FlowColumns, Range<Int>> & Sendable {
    switch self {
    case .flow: \.flow
    case .id: \.id
    case .state: \.state
    case .progress: \.progress
    case .age: \.age
    case .value: \.value
    }
  }
}
