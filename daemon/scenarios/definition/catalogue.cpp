#include "scenarios/definition/catalogue.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>

#include "scenarios/definition/catalogue_text.h"
#include "scenarios/definition/scenario_file.h"

namespace halfclosed::scenarios {

const std::vector<Scenario>& catalogue() {
    static const std::vector<Scenario> scenarios = [] {
        std::vector<Scenario> parsed;
        for (const CatalogueText& entry : catalogue_text()) {
            parsed.push_back(parse_scenario(entry.text, entry.file));
        }
        return parsed;
    }();
    return scenarios;
}

const std::vector<std::reference_wrapper<const Scenario>>& runnable_scenarios() {
    static const std::vector<std::reference_wrapper<const Scenario>> playable = [] {
        std::vector<std::reference_wrapper<const Scenario>> some;
        std::copy_if(catalogue().begin(), catalogue().end(), std::back_inserter(some),
                     [](const Scenario& scenario) { return !scenario.unavailable.has_value(); });
        return some;
    }();
    return playable;
}

const Scenario* find_scenario(const std::string& name) {
    // To read all of them takes longer than many a scenario: only the one that is asked for, once.
    static std::mutex guard;
    static std::map<std::string, Scenario> found;
    const std::lock_guard lock(guard);
    if (const auto known = found.find(name); known != found.end()) {
        return &known->second;
    }
    for (const CatalogueText& entry : catalogue_text()) {
        if (entry.file == name + ".toml") {
            return &found.emplace(name, parse_scenario(entry.text, entry.file)).first->second;
        }
    }
    return nullptr;
}

}  // namespace halfclosed::scenarios
