import FlowMonitor
import QueueClient

extension DashboardState {
  /// The picture of this state. Pure: the same state gives the same picture.
  public func layout() -> Frame {
    var frame = Frame(size: size, isASCII: isASCII)
    guard size.rows > 0, size.columns > 0 else { return frame }
    if mode == .help {
      HelpScreen(state: self).draw(into: &frame)
      return frame
    }
    Header(state: self).draw(into: &frame)
    QueueStrip(state: self).draw(into: &frame)
    TreeView(state: self).draw(into: &frame)
    DetailPane(state: self).draw(into: &frame)
    Footer(state: self).draw(into: &frame)
    return frame
  }
}
