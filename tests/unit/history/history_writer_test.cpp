#include "history/history_writer.h"

#include <future>
#include <thread>

#include "history/history_folder.h"

namespace halfclosed::history {
namespace {

class Writer : public HistoryFolder {
 protected:
    static void wait_until_idle(const HistoryWriter& writer) {
        while (!writer.idle()) {
            std::this_thread::sleep_for(1ms);
        }
    }
};

TEST_F(Writer, WritesAndAnswersInItsThread) {
    HistoryWriter writer(file());
    writer.write(batch_of(1200s, {recorded(1, 1100s)}));
    std::promise<std::size_t> counted;
    ASSERT_TRUE(writer.ask([&counted](const Connection* connection) {
        std::size_t count = 0;
        for_each_socket(*connection, {}, [&count](const HistoryRow&) { ++count; });
        counted.set_value(count);
    }));
    EXPECT_EQ(counted.get_future().get(), 1U);
    wait_until_idle(writer);
    const HistoryWriter::Status status = writer.take_status();
    EXPECT_EQ(status.batches, 1U);
    EXPECT_EQ(status.written, 1U);
    EXPECT_EQ(status.error, "");
    EXPECT_GT(status.bytes, 4096U);
}

TEST_F(Writer, WhatWasHandedOverIsWrittenBeforeItStops) {
    HistoryWriter writer(file());
    writer.write(batch_of(1200s, {recorded(1, 1100s)}));
    writer.stop();
    EXPECT_EQ(rows().size(), 1U);
    EXPECT_FALSE(writer.ask([](const Connection*) {}));
}

TEST_F(Writer, AFailureIsToldAndWhatHadNotEndedIsToBeWrittenAgain) {
    HistoryWriter writer(HistoryFile(directory_ + "/later", "boot", {}));
    writer.write(batch_of(1200s, {recorded(1, 1100s), ended(recorded(2, 1100s), 1150s)}));
    wait_until_idle(writer);
    HistoryWriter::Status status = writer.take_status();
    EXPECT_EQ(status.failures, 1U);
    EXPECT_EQ(status.lost, 1U) << "the one that had ended";
    EXPECT_NE(status.error.find("No such file or directory"), std::string::npos);
    EXPECT_TRUE(status.write_again);
    std::filesystem::create_directory(directory_ + "/later");
    writer.write(batch_of(1210s, {recorded(1, 1100s)}));
    wait_until_idle(writer);
    status = writer.take_status();
    EXPECT_EQ(status.error, "");
    EXPECT_FALSE(status.write_again);
}

TEST_F(Writer, RefusesMoreQueriesThanMayWait) {
    HistoryWriter writer(file());
    std::promise<void> go;
    std::shared_future<void> gone = go.get_future().share();
    std::promise<void> began;
    ASSERT_TRUE(writer.ask([&began, gone](const Connection*) {
        began.set_value();
        gone.wait();
    }));
    began.get_future().wait();
    for (std::size_t i = 0; i < HistoryWriter::kMostQueries; ++i) {
        EXPECT_TRUE(writer.ask([](const Connection*) {})) << i;
    }
    EXPECT_FALSE(writer.ask([](const Connection*) {}));
    go.set_value();
}

}  // namespace
}  // namespace halfclosed::history
