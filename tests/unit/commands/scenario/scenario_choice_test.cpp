#include "commands/scenario/scenario_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "scenarios/definition/catalogue_text.h"

namespace halfclosed {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> names(const std::vector<const scenarios::Scenario*>& scenarios) {
    std::vector<std::string> names;
    for (const scenarios::Scenario* const scenario : scenarios) {
        names.push_back(scenario->name);
    }
    return names;
}

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "no error";
}

/// A directory with files of the user's.
class OwnFiles : public testing::Test {
 protected:
    OwnFiles() {
        std::string path = std::filesystem::temp_directory_path() / "halfclosed-choice-XXXXXX";
        if (mkdtemp(path.data()) == nullptr) {
            throw std::runtime_error("mkdtemp " + path);
        }
        directory_ = path;
    }
    ~OwnFiles() override { std::filesystem::remove_all(directory_); }

    /// The first scenario of the catalogue under another name.
    std::string file(const std::string& name) {
        std::string text(scenarios::catalogue_text().front().text);
        const std::string old = "name = \"close-at-once\"";
        text.replace(text.find(old), old.size(), "name = \"" + name + "\"");
        const std::filesystem::path path = directory_ / (name + ".toml");
        std::ofstream(path) << text;
        return path;
    }

    std::filesystem::path directory_;
};

TEST(ScenarioChoice, TakesNamesInTheirOrder) {
    ScenarioChoice choice;
    choice.add_name("late-close");
    choice.add_name("close-at-once");
    EXPECT_EQ(names(choice.scenarios()), (std::vector<std::string>{"late-close", "close-at-once"}));
    EXPECT_THAT(choice.skipped(), IsEmpty());
}

TEST(ScenarioChoice, AllPassesOverWhatCannotBePlayed) {
    ScenarioChoice choice;
    choice.add_name("all");
    EXPECT_EQ(choice.scenarios().size() + 1, scenarios::catalogue_text().size());
    EXPECT_EQ(names(choice.skipped()), std::vector<std::string>{"orphan-overflow"});
}

TEST(ScenarioChoice, OneThatCannotBePlayedMayBeNamed) {
    ScenarioChoice choice;
    choice.add_name("orphan-overflow");
    EXPECT_EQ(names(choice.scenarios()), std::vector<std::string>{"orphan-overflow"});
}

TEST(ScenarioChoice, AnUnknownNameIsAnError) {
    ScenarioChoice choice;
    EXPECT_THAT(error_of([&] { choice.add_name("nope"); }),
                HasSubstr("unknown scenario 'nope'; 'halfclosed scenario list'"));
}

TEST(ScenarioChoice, AMisspelledNameIsSuggested) {
    ScenarioChoice choice;
    EXPECT_THAT(error_of([&] { choice.add_name("late-clos"); }),
                HasSubstr("; did you mean 'late-close'?"));
}

TEST_F(OwnFiles, StandBesideNames) {
    ScenarioChoice choice;
    choice.add_file(file("mine"));
    choice.add_name("late-close");
    choice.add_file(file("ours"));
    EXPECT_EQ(names(choice.scenarios()), (std::vector<std::string>{"mine", "late-close", "ours"}));
}

TEST_F(OwnFiles, HaveNamesOfTheirOwn) {
    ScenarioChoice choice;
    const std::string path = file("mine");
    choice.add_file(path);
    EXPECT_THAT(error_of([&] { choice.add_file(path); }), StartsWith(path + ":"));
    EXPECT_THAT(error_of([&] { choice.add_file(file("late-close")); }),
                HasSubstr("there is a scenario 'late-close' already"));
}

TEST_F(OwnFiles, ThatCannotBeReadAreNamed) {
    ScenarioChoice choice;
    const std::string missing = directory_ / "missing.toml";
    EXPECT_THAT(error_of([&] { choice.add_file(missing); }), StartsWith(missing + ": "));
    EXPECT_THAT(error_of([&] { choice.add_file(directory_); }), HasSubstr("Is a directory"));
    const std::string large = directory_ / "large.toml";
    std::ofstream(large) << std::string(1 << 20, '#');
    EXPECT_THAT(error_of([&] { choice.add_file(large); }), HasSubstr("larger than"));
}

}  // namespace
}  // namespace halfclosed
