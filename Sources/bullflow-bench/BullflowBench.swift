import ArgumentParser

/// Measures bullflow beside its peers, in one run, and prints ratios.
@main
struct BullflowBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bullflow-bench",
    abstract: "Measures bullflow beside its peers; a figure counts only as a ratio within one run.",
    subcommands: [
      RedisBench.self, FlowsBench.self, WorkBench.self, LiveBench.self, MonitorBench.self, ExplainBench.self,
      Viewer.self,
    ]
  )
}
