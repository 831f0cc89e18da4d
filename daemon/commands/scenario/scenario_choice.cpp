#include "commands/scenario/scenario_choice.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "posix/file.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/definition/scenario_file.h"
#include "text/nearest.h"

namespace halfclosed {

void ScenarioChoice::add_name(const std::string& name) {
    if (name == "all") {
        for (const scenarios::Scenario& scenario : scenarios::catalogue()) {
            (scenario.unavailable ? skipped_ : scenarios_).push_back(&scenario);
        }
        return;
    }
    const scenarios::Scenario* const found = scenarios::find_scenario(name);
    if (found == nullptr) {
        std::vector<std::string> names;
        for (const scenarios::Scenario& scenario : scenarios::catalogue()) {
            names.push_back(scenario.name);
        }
        throw std::invalid_argument("unknown scenario '" + name +
                                    "'; 'halfclosed scenario list' names them" +
                                    text::did_you_mean(name, names));
    }
    scenarios_.push_back(found);
}

void ScenarioChoice::add_file(const std::string& path) {
    const auto taken = [this](const std::string& name) {
        return scenarios::find_scenario(name) != nullptr ||
               std::any_of(own_.begin(), own_.end(),
                           [&name](const scenarios::Scenario& own) { return own.name == name; });
    };
    try {
        own_.push_back(scenarios::parse_scenario(posix::read_file(path), path, taken));
        scenarios_.push_back(&own_.back());
    } catch (const posix::Error& error) {
        throw std::invalid_argument(error.what());
    } catch (const scenarios::ScenarioFileError& error) {
        throw std::invalid_argument(error.what());
    }
}

}  // namespace halfclosed
