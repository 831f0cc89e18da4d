#include "scenarios/programs/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace halfclosed::programs {
namespace {

using Kind = Action::Kind;
using testing::HasSubstr;

TEST(Script, EveryStepIsRead) {
    const std::pair<const char*, Action> steps[] = {
        {"accept", {Kind::accept, 0}},
        {"connect", {Kind::connect, 0}},
        {"read", {Kind::read, 0}},
        {"read to end", {Kind::read_to_end, 0}},
        {"write 26", {Kind::write, 26}},
        {"write 64KB", {Kind::write, 65'536}},
        {"write 4MB", {Kind::write, 4'194'304}},
        {"shutdown write", {Kind::shut_down_write, 0}},
        {"close", {Kind::close, 0}},
        {"sleep 100ms", {Kind::sleep, 100}},
        {"sleep 3s", {Kind::sleep, 3'000}},
        {"wait SIGUSR1", {Kind::wait, SIGUSR1}},
        {"pause", {Kind::pause, 0}},
        {"set receive buffer 4096", {Kind::receive_buffer, 4'096}},
        {"linger 0", {Kind::linger, 0}},
        {"drop incoming", {Kind::drop_incoming, 0}},
        {"drop nothing", {Kind::drop_nothing, 0}},
        {"exit 3", {Kind::exit, 3}},
    };
    for (const auto& [text, action] : steps) {
        EXPECT_EQ(parse_action(text), action) << text;
        const std::string words = std::string(text).substr(0, std::string(text).find(' '));
        EXPECT_THAT(known_actions(), HasSubstr(words));
    }
}

TEST(Script, OtherTextIsNotAStep) {
    for (const char* text : {"",
                             "fly",
                             "accept now",
                             "accepts",
                             "write",
                             "write ",
                             "write -1",
                             "write 1.5",
                             "write 1GB",
                             "write 65MB",
                             "write 1 MB",
                             "read  to end",
                             "read to",
                             "shutdown",
                             "sleep 100",
                             "sleep ms",
                             "sleep 86401s",
                             "wait",
                             "wait SIGX",
                             "wait 10",
                             "exit",
                             "exit 256",
                             "exit -1",
                             "linger",
                             "linger 3601",
                             "drop",
                             "set receive buffer",
                             "write 99999999999999999999"}) {
        EXPECT_EQ(parse_action(text), std::nullopt) << text;
    }
}

Script script(const std::vector<std::string>& texts) {
    Script script;
    for (const std::string& text : texts) {
        script.push_back(parse_action(text).value());
    }
    return script;
}

TEST(Script, WhatCannotWorkIsFoundBeforeItIsTried) {
    struct Flawed {
        Role role;
        std::vector<std::string> steps;
        const char* flaw;
    };
    const Flawed flaws[] = {
        {Role::server, {"connect"}, "'connect' is for the client"},
        {Role::client, {"connect", "accept"}, "'accept' is for the server"},
        {Role::server, {"read", "accept"}, "'read' comes before 'accept'"},
        {Role::client, {"sleep 1s", "drop incoming"}, "'drop incoming' comes before 'connect'"},
        {Role::server, {"accept", "close", "close"}, "'close' comes before 'accept'"},
        {Role::server, {"accept", "accept"}, "'accept' comes a second time"},
        {Role::client, {"connect", "close", "connect"}, "'connect' comes a second time"},
    };
    for (const Flawed& flawed : flaws) {
        EXPECT_EQ(flaw_of(script(flawed.steps), flawed.role), flawed.flaw);
    }
}

TEST(Script, WhatWorksHasNoFlaw) {
    EXPECT_EQ(flaw_of({}, Role::server), "");
    EXPECT_EQ(
        flaw_of(script({"set receive buffer 4096", "connect", "close", "exit 1"}), Role::client),
        "");
    EXPECT_EQ(flaw_of(script({"accept", "close", "accept", "read to end"}), Role::server), "");
}

}  // namespace
}  // namespace halfclosed::programs
