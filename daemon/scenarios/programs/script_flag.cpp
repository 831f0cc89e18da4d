#include "programs/script_flag.h"

#include <CLI/CLI.hpp>

namespace halfclosed::programs {

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

}  // namespace halfclosed::programs
