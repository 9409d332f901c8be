import CNcurses

/// What ncurses says was pressed, as an event of ours.
enum KeyDecoder {
  /// - Parameters:
  ///   - code: what `get_wch` gave.
  ///   - isKey: whether that is one of ncurses's key codes rather than a character.
  static func event(code: UInt32, isKey: Bool) -> InputEvent? {
    guard isKey else {
      switch code {
      case 27: return .key(.escape)
      case 127: return .key(.backspace)
      case 9: return .key(.tab)
      case 10, 13: return .key(.enter)
      default: return Unicode.Scalar(code).map { .character(Character($0)) }
      }
    }
    switch Int32(bitPattern: code) {
    case KEY_UP: return .key(.up)
    case KEY_DOWN: return .key(.down)
    case KEY_LEFT: return .key(.left)
    case KEY_RIGHT: return .key(.right)
    case KEY_PPAGE: return .key(.pageUp)
    case KEY_NPAGE: return .key(.pageDown)
    case KEY_HOME: return .key(.home)
    case KEY_END: return .key(.end)
    case KEY_ENTER: return .key(.enter)
    case KEY_BACKSPACE: return .key(.backspace)
    case KEY_BTAB: return .key(.backTab)
    case functionKey1: return .key(.f1)
    case KEY_RESIZE: return .resize(Frame.Size(rows: Int(bullflow_rows()), columns: Int(bullflow_columns())))
    case KEY_MOUSE: return mouse()
    default: return nil
    }
  }

  private static let functionKey1: Int32 = 0o410 + 1

  private static func mouse() -> InputEvent? {
    var event = MEVENT()
    guard getmouse(&event) == OK else { return nil }
    if event.bstate & bullflow_wheel_up != 0 { return .wheel(-3, row: Int(event.y), column: Int(event.x)) }
    if event.bstate & bullflow_wheel_down != 0 { return .wheel(3, row: Int(event.y), column: Int(event.x)) }
    if event.bstate & bullflow_button1_pressed != 0 { return .click(row: Int(event.y), column: Int(event.x)) }
    return nil
  }
}
