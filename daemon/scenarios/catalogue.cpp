#include "scenarios/catalogue.h"

#include <algorithm>
#include <iterator>

#include "scenarios/catalogue_text.h"
#include "scenarios/scenario_file.h"

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

const std::vector<std::reference_wrapper<const Scenario>>& playable_scenarios() {
    static const std::vector<std::reference_wrapper<const Scenario>> playable = [] {
        std::vector<std::reference_wrapper<const Scenario>> some;
        std::copy_if(catalogue().begin(), catalogue().end(), std::back_inserter(some),
                     [](const Scenario& scenario) { return !scenario.unavailable.has_value(); });
        return some;
    }();
    return playable;
}

const Scenario* find_scenario(const std::string& name) {
    const auto found =
        std::find_if(catalogue().begin(), catalogue().end(),
                     [&name](const Scenario& scenario) { return scenario.name == name; });
    return found == catalogue().end() ? nullptr : &*found;
}

}  // namespace halfclosed::scenarios
