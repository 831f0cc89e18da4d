#include "scenarios/programs/flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace halfclosed::programs {

void add_port(CLI::App& app, std::uint16_t& port, const std::string& description) {
    app.add_option("--port", port, description)
        ->check(CLI::Range(1, 65535))
        ->type_name("NUMBER")
        ->capture_default_str();
}

CLI::Option* add_script(CLI::App& app, Script& script, Role role, const std::string& description) {
    const auto read = [&script, role](const CLI::results_t& texts) {
        for (const std::string& text : texts) {
            const auto action = parse_action(text);
            if (!action) {
                throw CLI::ValidationError("--do", "'" + text + "' is none of: " + known_actions());
            }
            script.push_back(*action);
        }
        const std::string flaw = flaw_of(script, role);
        if (!flaw.empty()) {
            throw CLI::ValidationError("--do", flaw);
        }
        return true;
    };
    return app.add_option("--do", read, description + ": " + known_actions())
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("STEP");
}

void add_report(CLI::App& app, int& descriptor) {
    app.add_option("--report-fd", descriptor,
                   "Also write a line a system call to this descriptor: NAME RESULT ERRNO BEGAN "
                   "ENDED, the times in nanoseconds of CLOCK_BOOTTIME")
        ->check(CLI::NonNegativeNumber)
        ->type_name("NUMBER");
}

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error);
        }
        std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), error.what());
        return 2;
    }
    return std::nullopt;
}

}  // namespace halfclosed::programs
