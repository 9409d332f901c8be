import QueueClient
import Testing

@Suite struct DecimalTextTests {
  @Test(
    arguments: [
      (0.1 + 0.2, "0.3"), (0, "0"), (-0.0, "0"), (2500, "2500"), (4250.5, "4250.5"), (-1.1 - 2.2, "-3.3"),
      (0.1 * 3 + 0.7, "1"), (9.999999999999999, "10"), (1.0 / 3, "0.333333333333333"), (0.00001, "0.00001"),
      (1e-7, "1e-7"), (123_456.789, "123456.789"), (9_007_199_254_740_991, "9007199254740991"),
      (1e17, "100000000000000000"),
      (1.5e300, "1.5e300"), (.infinity, "?"), (-.infinity, "?"), (.nan, "?"), (99.99 * 100, "9999"),
    ] as [(Double, String)])
  func `a number is written as people write it`(value: Double, text: String) {
    #expect(DecimalText.of(value) == text)
  }
}
