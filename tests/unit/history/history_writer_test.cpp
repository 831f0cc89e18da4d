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
    Batch batch = batch_of(1200s, {recorded(1, 1100s), ended(recorded(2, 1100s), 1150s)});
    batch.added = {Cookie{1}, Cookie{2}};
    writer.write(batch);
    wait_until_idle(writer);
    HistoryWriter::Status status = writer.take_status();
    EXPECT_EQ(status.recorded, 0U);
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
    EXPECT_EQ(status.recorded, 1U) << "the one that a later batch has";
    EXPECT_EQ(status.lost, 1U);
}

TEST_F(Writer, ASocketIsEitherRecordedOrLost) {
    HistoryWriter writer(file());
    const auto write = [&writer](Batch batch, std::vector<Cookie> added) {
        batch.added = std::move(added);
        writer.write(std::move(batch));
        wait_until_idle(writer);
    };
    write(batch_of(1200s, {recorded(1, 1100s)}), {Cookie{1}});
    {
        const FullDisk full;
        write(batch_of(1210s, {ended(recorded(1, 1100s), 1205s), recorded(2, 1201s),
                               ended(recorded(3, 1201s), 1205s), recorded(4, 1201s)}),
              {Cookie{2}, Cookie{3}, Cookie{4}});
    }
    EXPECT_EQ(writer.take_status().lost, 1U) << "the first is in the file, two are there still";
    Batch last = batch_of(1220s, {ended(recorded(2, 1201s), 1215s)});
    last.ends.push_back({Cookie{4}, at(1216s), "closed"});
    write(std::move(last), {});
    const HistoryWriter::Status status = writer.take_status();
    EXPECT_EQ(status.recorded, 2U);
    EXPECT_EQ(status.lost, 2U) << "of the fourth there was no room for more than its end";
}

TEST_F(Writer, AnEndThatCouldNotBeWrittenGoesWithTheNextBatch) {
    HistoryWriter writer(file());
    writer.write(batch_of(1200s, {recorded(1, 1100s), recorded(2, 1100s)}));
    wait_until_idle(writer);
    {
        const FullDisk full;
        Batch batch = batch_of(1210s, {ended(recorded(1, 1100s), 1205s)});
        batch.ends.push_back({Cookie{2}, at(1206s), "aborted"});
        writer.write(batch);
        wait_until_idle(writer);
        ASSERT_EQ(writer.take_status().failures, 1U);
    }
    writer.write(batch_of(1220s, {}));
    wait_until_idle(writer);
    const std::vector<HistoryRow> all = rows();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].socket.ended, at(1205s));
    EXPECT_EQ(all[0].socket.how, "closed");
    EXPECT_EQ(all[1].socket.ended, at(1206s));
    EXPECT_EQ(all[1].socket.how, "aborted");
}

TEST_F(Writer, QueriesThatWaitAtTheEndGetNoConnection) {
    HistoryWriter writer(file());
    std::promise<void> go;
    std::promise<void> began;
    ASSERT_TRUE(writer.ask([&](const Connection*) {
        began.set_value();
        go.get_future().wait();
    }));
    began.get_future().wait();
    std::size_t refused = 0;
    for (std::size_t i = 0; i < HistoryWriter::kMostQueries; ++i) {
        ASSERT_TRUE(writer.ask([&refused](const Connection* connection) {
            refused += connection == nullptr ? 1 : 0;
        }));
    }
    std::thread stopping([&writer] { writer.stop(); });
    while (writer.ask([](const Connection*) {})) {  // until it has been told to stop
        FAIL() << "more than may wait";
    }
    std::this_thread::sleep_for(50ms);
    go.set_value();
    stopping.join();
    EXPECT_EQ(refused, HistoryWriter::kMostQueries);
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
