#include "commands/scenario/scenario_run.h"

#include <langinfo.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/logging.h"
#include "commands/scenario/display.h"
#include "commands/scenario/remote_run.h"
#include "exporters/events/event.h"
#include "posix/stop_signals.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/trace/trace_line.h"
#include "scenarios/verdict/run_json.h"

namespace halfclosed {

namespace {

using namespace scenarios;

TextDiagramStyle figure_style(const CommonOptions& common) {
    // The encoding of the terminal is the one of the locale.
    std::setlocale(LC_CTYPE, "");
    const bool utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    std::setlocale(LC_CTYPE, "C");
    return {common.color_on(STDOUT_FILENO), utf8};
}

/// On standard error: standard output is for traces.
void say_unavailable(const Scenario& scenario, const char* so) {
    std::fprintf(stderr, "%s: %s: %s\n", scenario.name.c_str(), so, scenario.unavailable->c_str());
}

void print_line(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

/// Plays what it is told to, here or through the daemon, and shows it.
class Playing {
 public:
    Playing(const CommonOptions& common, const ScenarioOptions& options, StoryFiles& files,
            int stop)
        : common_(common), options_(options), files_(files), style_(figure_style(common)) {
        lab_.fin_timeout = options.fin_timeout;
        lab_.hold = options.hold;
        lab_.stop = stop;
        if (options.via.empty()) {
            lab_.programs = programs();
        }
    }

    /// Returns whether it passed.
    bool play(const Scenario& scenario) {
        if (scenario.unavailable) {
            say_unavailable(scenario, "unavailable");
            return false;
        }
        const Outcome outcome = shown(scenario);
        const Verdict& verdict = outcome.verdict;
        files_.add(scenario, outcome.trace, verdict, options_.fin_timeout);
        // What another program reads, it tells to the log by itself.
        if (log_is_structured(common_) && !options_.stream) {
            event_sink(common_)(
                exporters::scenario_verdict(scenario.name, verdict.passed(), verdict.why()),
                std::chrono::system_clock::now());
        }
        return verdict.passed();
    }

 private:
    Outcome shown(const Scenario& scenario) {
        LabOptions lab = lab_;
        std::optional<ScenarioDisplay> display;
        if (options_.stream) {
            lab.heard = [](const TraceEvent& fact) { print_line(to_line(fact)); };
            lab.told = [](const Trace&) { stop_without_reader(); };
        } else if (!options_.json) {
            display.emplace(scenario, options_.fin_timeout, style_);
            lab.told = [&display](const Trace& trace) { display->follow(trace); };
        }
        Outcome outcome = played(scenario, lab);
        if (display) {
            display->finish(outcome);
        } else {
            print_line(
                scenario_json(scenario, outcome.trace, outcome.verdict, options_.fin_timeout));
        }
        return outcome;
    }

    /// Whoever reads the stream is told why there is none.
    std::filesystem::path programs() const {
        try {
            return find_programs();
        } catch (const ProgramsMissingError& error) {
            if (options_.stream) {
                print_line(to_line(Refusal{error.what()}));
            }
            throw;
        }
    }

    Outcome played(const Scenario& scenario, const LabOptions& lab) {
        if (!options_.via.empty()) {
            return play_via(options_.via, scenario, lab);
        }
        try {
            return run(scenario, lab);
        } catch (const RefusedError& error) {
            if (options_.stream) {
                print_line(to_line(Refusal{error.what()}));
            }
            throw;
        }
    }

    /// Whoever reads the stream may be gone: then nobody waits for the rest of the run.
    static void stop_without_reader() {
        if (!has_reader(STDOUT_FILENO)) {
            throw StoppedError();
        }
    }

    const CommonOptions& common_;
    const ScenarioOptions& options_;
    StoryFiles& files_;
    TextDiagramStyle style_;
    LabOptions lab_;
};

}  // namespace

int run_scenarios(const CommonOptions& common, const ScenarioOptions& options) {
    const std::vector<const Scenario*>& scenarios = options.choice.scenarios();
    for (const Scenario* const scenario : options.choice.passed_over()) {
        say_unavailable(*scenario, "passed over");
    }
    StoryFiles files(options.files, scenarios);
    int stopped_by = 0;
    std::size_t passed = 0;
    {
        const posix::StopSignals stop;
        Playing playing(common, options, files, stop.descriptor());
        try {
            for (const Scenario* const scenario : scenarios) {
                passed += playing.play(*scenario) ? 1 : 0;
            }
        } catch (const StoppedError&) {
            stopped_by = stop.take();
        }
    }
    files.snapshot();
    if (stopped_by != 0) {
        posix::end_by(stopped_by);  // everything that was made is gone by now
    }
    if (!options.json && !options.stream && scenarios.size() > 1) {
        std::printf("%zu of %zu scenarios passed\n", passed, scenarios.size());
    }
    return passed == scenarios.size() ? 0 : 1;
}

}  // namespace halfclosed
