/// What the keys of the tables ask for; each view has those that mean something there.
enum ListCommand: RowCommand {
  case up, down, pageUp, pageDown, first, last
  case open, why, copy, mark, find, sort, reverse
  case nextState, previousState, pause
  case actions, act(ActionChoice)

  var name: String {
    switch self {
    case .act(let choice): choice.name
    case .find: "search"
    case .pause: "hold"
    default: Self.spelled("\(self)")
    }
  }
}

extension KeyTable where Command == ListCommand {
  /// The keys of a list: those that move in all of them, then its own.
  init(ofList own: [Binding]) { self.init(Binding.moving() + own) }
}

/// The keys that more than one table has.
extension KeyTable<ListCommand>.Binding {
  static func find(_ does: String) -> Self {
    .init(.find, "Finding", "/", does, hint: "filter", .character("/"))
  }

  static let runNow = Self(.act(.verb(.promote)), "Acting", "P", "run it now", .character("P"))
}
