#include "scenarios/programs/flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace halfclosed::programs {

std::shared_ptr<CLI::App> make_app(const std::string& description, const std::string& program) {
    return std::make_shared<CLI::App>(description, program);
}

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& type, const std::string& description) {
    return app.add_option(name, target, description)->type_name(type)->capture_default_str();
}

CLI::Option* add_value(CLI::App& app, const std::string& flag,
                       std::function<void(const std::string&)> read, const std::string& type,
                       const std::string& default_text, const std::string& description) {
    const auto checked = [flag, read = std::move(read)](const std::string& text) {
        try {
            read(text);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(flag, error.what());
        }
    };
    return app.add_option_function<std::string>(flag, checked, description)
        ->type_name(type)
        ->default_str(default_text);
}

CLI::Option* add_switch(CLI::App& app, const std::string& flag, bool& target,
                        const std::string& description) {
    return app.add_flag(flag, target, description);
}

void exclude(CLI::Option* option, std::initializer_list<CLI::Option*> others) {
    for (CLI::Option* const other : others) {
        option->excludes(other);
    }
}

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
