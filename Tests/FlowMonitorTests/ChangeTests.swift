import QueueClient
import Testing

@testable import FlowMonitor

@Suite struct ChangeTests {
  @Test func `letters are added to the setting, never taken away`() {
    #expect(NotificationSetting(letters: "").isSufficient == false)
    #expect(NotificationSetting(letters: "AKE").isSufficient)
    #expect(NotificationSetting(letters: "KEx").extended.letters.hasPrefix("KEx"))
    #expect(NotificationSetting(letters: "E").extended.isSufficient)
  }
}
