#include "commands/scenario/output_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "scenarios/definition/catalogue.h"

namespace halfclosed {
namespace {

TEST(SvgPath, IsTheFileOrOneWithTheScenariosName) {
    EXPECT_EQ(svg_path("x.svg", "late-close"), "x.svg");
    EXPECT_EQ(svg_path("a/%s-1.svg", "late-close"), "a/late-close-1.svg");
    EXPECT_EQ(svg_path("a/", "late-close"), "a/late-close.svg");
    EXPECT_EQ(svg_path("/tmp", "late-close"), "/tmp/late-close.svg");
    EXPECT_EQ(svg_path("/tmp", "../../x"), "/tmp/.._.._x.svg");
}

TEST(CheckSvg, OneFileIsForOneScenario) {
    EXPECT_NO_THROW(check_svg("", 7));
    EXPECT_NO_THROW(check_svg("x.svg", 1));
    EXPECT_NO_THROW(check_svg("%s.svg", 7));
    EXPECT_NO_THROW(check_svg("/tmp", 7));
    EXPECT_THROW(check_svg("x.svg", 2), std::invalid_argument);
}

TEST(OutputFiles, AreCheckedWithoutLeavingAnything) {
    std::string folder = std::filesystem::temp_directory_path() / "halfclosed-files-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const scenarios::Scenario scenario = *scenarios::find_scenario("late-close");
    const std::filesystem::path old = folder + "/old.svg";
    std::ofstream(old) << "an old diagram";
    { const OutputFiles promised({folder + "/new.svg", ""}, {&scenario}); }
    { const OutputFiles promised({old, ""}, {&scenario}); }
    EXPECT_FALSE(std::filesystem::exists(folder + "/new.svg"));
    EXPECT_EQ(std::filesystem::file_size(old), 14U);
    EXPECT_THROW(OutputFiles({folder + "/none/x.svg", ""}, {&scenario}), std::system_error);
    std::filesystem::remove_all(folder);
}

TEST(ParseFileName, StandardOutputIsTaken) {
    EXPECT_EQ(parse_file_name("x"), "x");
    EXPECT_THROW(parse_file_name("-"), std::invalid_argument);
}

}  // namespace
}  // namespace halfclosed
