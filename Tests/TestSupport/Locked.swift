import Synchronization

/// A value that several tasks of a test share.
public final class Locked<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  /// A shared value.
  public init(_ value: sending Value) { storage = Mutex(value) }

  /// The value now.
  public var value: Value { storage.withLock { $0 } }

  /// Changes the value.
  public func edit(_ change: (inout Value) -> Void) { storage.withLock { change(&$0) } }
}
