#include "commands/top/view_state.h"

#include <gtest/gtest.h>

#include "commands/top/key.h"
#include "exporters/sample_snapshot.h"

namespace halfclosed::top {
namespace {

using exporters::SocketOrder;

std::vector<Key> keys_of(std::string_view bytes) {
    return KeyReader().read(bytes);
}

TEST(KeyReader, LettersAndCharactersOfSeveralBytes) {
    EXPECT_EQ(keys_of("qé"), (std::vector<Key>{{Key::Kind::text, "q"}, {Key::Kind::text, "é"}}));
    EXPECT_EQ(keys_of("\r\x7f\x0c\x01"),
              (std::vector<Key>{{Key::Kind::enter}, {Key::Kind::backspace}, {Key::Kind::redraw}}));
}

TEST(KeyReader, ArrowsAndPagesAsTerminalsSendThem) {
    EXPECT_EQ(keys_of("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~"),
              (std::vector<Key>{{Key::Kind::up},
                                {Key::Kind::down},
                                {Key::Kind::page_up},
                                {Key::Kind::page_down},
                                {Key::Kind::home},
                                {Key::Kind::end}}));
    EXPECT_TRUE(keys_of("\x1b[15~\x1b[1;5P").empty()) << "keys that mean nothing here";
}

TEST(KeyReader, ASequenceMayComeInPieces) {
    KeyReader reader;
    EXPECT_TRUE(reader.read("\x1b").empty());
    EXPECT_TRUE(reader.waits());
    EXPECT_TRUE(reader.read("[").empty());
    EXPECT_EQ(reader.read("A"), std::vector<Key>{{Key::Kind::up}});
    EXPECT_TRUE(reader.read("\xc3").empty());
    EXPECT_EQ(reader.read("\xa9"), (std::vector<Key>{{Key::Kind::text, "é"}}));
    EXPECT_FALSE(reader.waits());
}

TEST(KeyReader, AnEscapeAloneIsTheKey) {
    KeyReader reader;
    EXPECT_TRUE(reader.read("\x1b").empty());
    EXPECT_EQ(reader.settle(), std::vector<Key>{{Key::Kind::escape}});
    EXPECT_TRUE(reader.settle().empty());
    EXPECT_EQ(keys_of("\x1bq"), (std::vector<Key>{{Key::Kind::escape}, {Key::Kind::text, "q"}}));
}

/// The state after these keys, with ten rows of a hundred sockets in sight.
ViewState after(std::string_view bytes) {
    ViewState state;
    for (const Key& key : keys_of(bytes)) {
        press(state, key, 100, 10);
    }
    return state;
}

TEST(ViewState, ScrollsWithinTheSockets) {
    EXPECT_EQ(after("jjk").first, 1U);
    EXPECT_EQ(after("k").first, 0U);
    EXPECT_EQ(after(" ").first, 10U);
    EXPECT_EQ(after("  b").first, 10U);
    EXPECT_EQ(after("dd").first, 10U);
    EXPECT_EQ(after("G").first, 90U);
    EXPECT_EQ(after("Gj ").first, 90U);
    EXPECT_EQ(after("Gg").first, 0U);
    EXPECT_EQ(after("\x1b[6~\x1b[B").first, 11U);
    ViewState state;
    press(state, {Key::Kind::down}, 5, 10);
    EXPECT_EQ(state.first, 0U) << "all of them are in sight";
}

TEST(ViewState, SortsByTheNextThingAndBack) {
    EXPECT_EQ(after("s").order, SocketOrder::owner);
    EXPECT_EQ(after("s<").order, SocketOrder::age);
    EXPECT_EQ(after("<").order, SocketOrder::port);
    EXPECT_EQ(after("sssssss").order, SocketOrder::age);
    EXPECT_TRUE(after("R").reversed);
    EXPECT_EQ(after(" s").first, 0U);
    EXPECT_EQ(name(SocketOrder::peer), "peer");
}

TEST(ViewState, AFilterIsWrittenAndTaken) {
    EXPECT_EQ(after("/shop").typing, "shop");
    EXPECT_EQ(after("/shopq\x7f\r").filter, "shop");
    EXPECT_EQ(after("/\xc3\xa9\x7f\x7f").typing, "");
    EXPECT_EQ(after("/a\r/b\x1b[A\r").filter, "b");
    EXPECT_EQ(after("G/a\r").first, 0U);
    ViewState state = after("/a\r/b");
    press(state, {Key::Kind::escape}, 100, 10);
    EXPECT_EQ(state.filter, "a") << "the one before stays";
    press(state, {Key::Kind::escape}, 100, 10);
    EXPECT_EQ(state.filter, "");
}

TEST(ViewState, PauseHelpAndQuit) {
    EXPECT_TRUE(after("p").paused);
    EXPECT_FALSE(after("pp").paused);
    EXPECT_TRUE(after("?").help);
    EXPECT_FALSE(after("?x").help);
    ViewState state;
    EXPECT_EQ(press(state, {Key::Kind::text, "q"}, 0, 0), Pressed::quit);
    EXPECT_EQ(press(state, {Key::Kind::text, "z"}, 0, 0), Pressed::nothing);
    state.typing = "";
    EXPECT_EQ(press(state, {Key::Kind::text, "q"}, 0, 0), Pressed::changed)
        << "a letter of a filter";
}

TEST(Chosen, InOrderAndReversed) {
    const exporters::Snapshot snapshot = exporters::busy_report();
    EXPECT_EQ(chosen(snapshot, {}).front().socket->record.cookie, Cookie{0x5f3a});
    EXPECT_EQ(chosen(snapshot, {.reversed = true}).front().socket->record.cookie, Cookie{5});
    EXPECT_EQ(chosen(snapshot, {.filter = "LEAKY"}).size(), 1U);
}

}  // namespace
}  // namespace halfclosed::top
