#include "commands/lab_checks.h"

#include <unistd.h>

#include <exception>

#include "scenarios/definition/catalogue.h"
#include "scenarios/run/lab.h"
#include "scenarios/run/sandbox.h"
#include "text/time.h"

namespace halfclosed {

namespace {

using Verdict = CheckResult::Verdict;

CheckResult no_lab(const std::string& why, const std::string& needs) {
    return {"the lab", Verdict::missing, why,
            "no scenario can be run here; watching does not need them", needs};
}

/// What the refusal says behind its semicolon is what to change.
CheckResult no_lab(const scenarios::RefusedError& refused) {
    const std::string said = refused.what();
    const std::size_t place = said.find("; ");
    return place == std::string::npos ? no_lab(said, "root")
                                      : no_lab(said.substr(0, place), said.substr(place + 2));
}

CheckResult tried(const scenarios::Scenario& scenario, const scenarios::LabOptions& options) {
    const scenarios::Run outcome = scenarios::run(scenario, options);
    if (!outcome.verdict.conclusive) {
        return {"lab: " + scenario.name, Verdict::missing,
                "this machine was too slow to observe it: " + outcome.verdict.why(),
                "what its kernel does in this case is not judged", "a machine that is less busy"};
    }
    if (!outcome.verdict.passed()) {
        return {"lab: " + scenario.name, Verdict::fails, outcome.verdict.why(), {}, {}};
    }
    const auto took = *outcome.trace.finished - scenarios::beginning(outcome.trace);
    return {"lab: " + scenario.name,
            Verdict::works,
            "passed, " + text::precise_duration_text(took),
            {},
            {}};
}

}  // namespace

bool is_quick(const scenarios::Scenario& scenario) {
    constexpr std::chrono::seconds kSeconds{5};
    const scenarios::RelativeDuration& limit = scenario.limit;
    return !scenario.unavailable && !limit.fin_timeout && !limit.hold && limit.fixed <= kSeconds;
}

std::vector<CheckResult> self_test(const std::function<void(const std::string&)>& begins) {
    if (::access("/proc/sys/net/ipv4", F_OK) != 0) {
        return {no_lab("/proc shows no sysctls, which scenarios set in their own namespaces",
                       "a /proc without subset=pid")};
    }
    std::vector<CheckResult> results;
    try {
        scenarios::LabOptions options;
        options.programs = scenarios::find_programs();
        results.push_back({"the lab",
                           Verdict::works,
                           geteuid() == 0 ? "namespaces as root" : "namespaces in a user namespace",
                           {},
                           {}});
        for (const scenarios::Scenario& scenario : scenarios::catalogue()) {
            if (is_quick(scenario)) {
                begins(scenario.name);
                results.push_back(tried(scenario, options));
            }
        }
    } catch (const scenarios::ProgramsMissingError& error) {
        results = {
            no_lab(error.what(), "the reference programs, which are installed with this one")};
    } catch (const scenarios::RefusedError& error) {
        results = {no_lab(error)};
    } catch (const std::exception& error) {
        results.push_back({"the lab", Verdict::fails, error.what(), {}, {}});
    }
    return results;
}

}  // namespace halfclosed
