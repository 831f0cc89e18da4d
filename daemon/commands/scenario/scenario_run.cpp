#include "commands/scenario/scenario_run.h"

#include <langinfo.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/logging.h"
#include "commands/scenario/display.h"
#include "commands/scenario/remote_run.h"
#include "exporters/events/event.h"
#include "posix/output_file.h"
#include "posix/stop_signals.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/trace/trace_line.h"
#include "scenarios/verdict/run_json.h"

namespace halfclosed {

namespace {

using scenarios::LabOptions;
using scenarios::Scenario;
using scenarios::Trace;
using scenarios::TraceEvent;

scenarios::TextDiagramStyle diagram_style(const CommonOptions& common) {
    // The encoding of the terminal is the one of the locale.
    std::setlocale(LC_CTYPE, "");
    const bool utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    std::setlocale(LC_CTYPE, "C");
    return {common.color_on(STDOUT_FILENO), utf8};
}

/// On standard error: standard output is for results.
void say_unavailable(const Scenario& scenario, const char* what) {
    std::fprintf(stderr, "%s: %s: %s\n", scenario.name.c_str(), what,
                 scenario.unavailable->c_str());
}

void print_line(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

/// Runs scenarios, here or in a daemon, and shows them as the command line says.
class ScenarioRunner {
 public:
    ScenarioRunner(const CommonOptions& common, const ScenarioOptions& options, OutputFiles& files,
                   int stop)
        : common_(common), options_(options), files_(files), style_(diagram_style(common)) {
        lab_.parameters = options.parameters;
        lab_.exact = options.exact;
        lab_.stop = stop;
        if (options.via.empty()) {
            reporting_refusal([this] { lab_.programs = scenarios::find_programs(); });
        }
    }

    /// Returns whether it passed.
    bool run(const Scenario& scenario) {
        if (scenario.unavailable) {
            say_unavailable(scenario, "unavailable");
            return false;
        }
        const scenarios::Run run = shown(scenario);
        files_.add(run);
        // Under --stream the reader does its own logging.
        if (log_is_structured(common_) && !options_.stream) {
            event_sink(common_)(
                exporters::scenario_verdict(scenario.name, run.verdict.passed(), run.verdict.why()),
                std::chrono::system_clock::now());
        }
        return run.verdict.passed();
    }

 private:
    scenarios::Run shown(const Scenario& scenario) {
        LabOptions lab = lab_;
        ScenarioDisplay display(scenario, options_.parameters.fin_timeout, style_);
        const bool for_people = !options_.stream && !options_.json;
        if (options_.stream) {
            lab.on_event = [](const TraceEvent& event) { print_line(to_line(event)); };
            lab.on_progress = [](const Trace&) { stop_without_reader(); };
        } else if (for_people) {
            lab.on_progress = [&display](const Trace& trace) { display.follow(trace); };
        }
        scenarios::Run run;
        if (options_.via.empty()) {
            reporting_refusal([&] { run = scenarios::run(scenario, lab); });
        } else {
            run = run_remotely(options_.via, scenario, lab);
        }
        if (for_people) {
            display.finish(run);
        } else {
            print_line(run_json(run));
        }
        return run;
    }

    /// The reader of a stream is told why it ends without a verdict.
    void reporting_refusal(const std::function<void()>& action) const {
        try {
            action();
        } catch (const scenarios::ProgramsMissingError& error) {
            refuse(error.what());
            throw;
        } catch (const scenarios::RefusedError& error) {
            refuse(error.what());
            throw;
        }
    }
    void refuse(const std::string& why) const {
        if (options_.stream) {
            print_line(to_line(scenarios::Refusal{why}));
        }
    }

    /// Without a reader nobody waits for the rest of the run.
    static void stop_without_reader() {
        if (!posix::has_reader(STDOUT_FILENO)) {
            throw scenarios::StoppedError();
        }
    }

    const CommonOptions& common_;
    const ScenarioOptions& options_;
    OutputFiles& files_;
    scenarios::TextDiagramStyle style_;
    LabOptions lab_;
};

}  // namespace

int run_scenarios(const CommonOptions& common, const ScenarioOptions& options) {
    const std::vector<const Scenario*>& chosen = options.choice.scenarios();
    for (const Scenario* const scenario : options.choice.skipped()) {
        say_unavailable(*scenario, "skipped");
    }
    OutputFiles files(options.files, chosen);
    int stopped_by = 0;
    std::size_t passed = 0;
    {
        const posix::StopSignals stop;
        ScenarioRunner runner(common, options, files, stop.descriptor());
        try {
            for (const Scenario* const scenario : chosen) {
                passed += runner.run(*scenario) ? 1 : 0;
            }
        } catch (const scenarios::StoppedError&) {
            stopped_by = stop.take();
        }
    }
    files.report();
    if (stopped_by != 0) {
        posix::end_by(stopped_by);  // everything that was made is gone by now
    }
    if (!options.json && !options.stream && chosen.size() > 1) {
        std::printf("%zu of %zu scenarios passed\n", passed, chosen.size());
    }
    return passed == chosen.size() ? 0 : 1;
}

}  // namespace halfclosed
