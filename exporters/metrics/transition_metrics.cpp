#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

double as_double(std::uint64_t count) {
    return static_cast<double>(count);
}

}  // namespace

void add_event_families(const Snapshot& snapshot, Families& families) {
    const tracking::EventCounters& counters = snapshot.counters;
    const std::vector<std::string>& labels = snapshot.port_labels;

    MetricSamples transitions(metric::kTransitions);
    for (const auto& [key, count] : counters.transitions) {
        const auto& [label, side, from, to, evidence] = key;
        transitions.add({labels.at(label), name(side), name(from), name(to), name(evidence)},
                        as_double(count));
    }
    families.push_back(std::move(transitions).take());

    MetricSamples durations(metric::kStateDuration);
    for (const auto& [key, histogram] : counters.durations) {
        const auto& [label, side, state] = key;
        durations.add({labels.at(label), name(side), name(state)}, histogram);
    }
    families.push_back(std::move(durations).take());

    MetricSamples fin_wait2(metric::kFinWait2Ended);
    for (const auto& [key, count] : counters.fin_wait2_ended) {
        const auto& [label, side, how] = key;
        fin_wait2.add({labels.at(label), name(side), name(how)}, as_double(count));
    }
    families.push_back(std::move(fin_wait2).take());

    MetricSamples close_wait(metric::kCloseWaitEnded);
    for (const auto& [key, count] : counters.close_wait_ended) {
        const auto& [label, side, how] = key;
        close_wait.add({labels.at(label), name(side), name(how)}, as_double(count));
    }
    families.push_back(std::move(close_wait).take());

    MetricSamples unconfirmed(metric::kUnconfirmedEnds);
    unconfirmed.add({}, as_double(counters.unconfirmed));
    families.push_back(std::move(unconfirmed).take());
    MetricSamples exact(metric::kExact);
    exact.add({}, snapshot.exact ? 1 : 0);
    families.push_back(std::move(exact).take());
    if (snapshot.exact) {
        MetricSamples misses(metric::kExactMisses);
        misses.add({}, as_double(snapshot.exact_misses));
        families.push_back(std::move(misses).take());
    }

    MetricSamples resets(metric::kResets);
    for (const auto& [key, count] : counters.resets) {
        const auto& [label, side, kind] = key;
        resets.add({labels.at(label), name(side), kind.direction(), kind.reason()},
                   as_double(count));
    }
    families.push_back(std::move(resets).take());
}

void add_scenario_families(const Snapshot& snapshot, Families& families) {
    MetricSamples runs(metric::kScenarioRuns);
    MetricSamples last_run(metric::kScenarioLastRun);
    for (const auto& [scenario, tally] : snapshot.scenarios) {
        runs.add({scenario, "pass"}, as_double(tally.passed));
        runs.add({scenario, "fail"}, as_double(tally.failed));
        last_run.add({scenario}, unix_seconds(tally.last_run));
    }
    families.push_back(std::move(runs).take());
    families.push_back(std::move(last_run).take());
    if (snapshot.self_test) {
        MetricSamples interval(metric::kSelfTestInterval);
        interval.add({}, text::seconds(snapshot.self_test->interval));
        families.push_back(std::move(interval).take());
        MetricSamples last_test(metric::kSelfTestLastRun);
        last_test.add({}, unix_seconds(snapshot.self_test->last_run));
        families.push_back(std::move(last_test).take());
    }
}

}  // namespace halfclosed::exporters
