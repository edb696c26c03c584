"""Who tells the story, in which person and tense, and what its scenes are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unsaid
from unsaid import narration, people, prose, sources
from unsaid.voices import Voices

FIRST = """I came to the mill at noon and nobody was there to let me in.

"Nora," said the miller from the loft, "you are early."

I told him that my watch was broken. He came down the ladder with flour on his sleeves and looked at me.

"Well, Nora," he said, "sit down, and take off that wet coat before you ruin my floor."

I sat down on a sack. I had walked nine miles in the rain, and my feet were sore, and I did not want to talk.
"""

THIRD = """Gregor walked along the canal until the lamps were lit, and he thought about the money.

I should have told her.

He turned back at the second lock. Marthe was waiting for him on the bridge, and she had brought his scarf.

"You look frozen," said Marthe.

You have no idea how cold it is without you.

Gregor took the scarf from her and wound it round his neck, and they walked home without another word.
"""


def name_of(story: unsaid.Story, who: str | None) -> str | None:
    return next((c.name for c in story.characters if c.id == who), None)


def test_a_narrator_is_named_by_what_others_call_them() -> None:
    story = unsaid.read(FIRST)
    assert {s.person for s in story.scenes} == {"first"}
    assert {name_of(story, s.narrator) for s in story.scenes} == {"Nora"}


@pytest.mark.parametrize(
    "sentence",
    ["I'm Clara Voss, and I keep the ferry here.", "My name is Clara Voss and I keep the ferry here."],
)
def test_a_narrator_names_herself(sentence: str) -> None:
    text = (
        f"{sentence} I have kept it for nine years, since my aunt gave me the keys.\n\n"
        "Nobody crosses at night unless I take them over myself, and I never take anybody in a storm.\n"
    )
    story = unsaid.read(text)
    assert "Clara" in (name_of(story, story.scenes[0].narrator) or "")


def test_an_unnamed_narrator_joins_the_cast() -> None:
    text = (
        "I woke before the others and lit the stove. I had dreamt of the harbour again.\n\n"
        "When I came back with the water my hands were blue, and I put them inside my coat.\n"
    )
    story = unsaid.read(text)
    narrator = story.scenes[0].narrator
    assert name_of(story, narrator) == narration.NARRATOR
    assert next(c for c in story.characters if c.id == narrator).mentions > 0


def test_first_person_thoughts_do_not_make_a_third_person_story_first() -> None:
    story = unsaid.read(THIRD)
    assert {(s.person, s.narrator) for s in story.scenes} == {("third", None)}


def test_an_authors_i_does_not_make_a_narrator() -> None:
    chapter = (
        "Mrs. Pell was not, as I have said, an early riser, and the whole of the parish knew it. She came down at ten, "
        "and she found her nephew in the hall with his hat on, and he would not look at her.\n\n"
        "He had sold the pony. He had meant to tell her at supper, and he had not, and now the cart was at the gate "
        "and the boy was asking for the harness. She sat down on the stairs and laughed until the maid ran in.\n\n"
    )
    story = unsaid.read(chapter + chapter.replace("as I have said, ", ""))
    assert {(s.person, s.narrator) for s in story.scenes} == {("third", None)}


def test_a_letter_does_not_change_the_person() -> None:
    text = (
        "Hugo opened the envelope at the table, and he read it standing, with his spoon in his other hand.\n\n"
        "Dear Hugo,\n\n"
        "I am well and I hope you are. I have found a room over a bakery, and I wake at four with the bread. I think "
        "of you when I pass the station, and I never go in. I shall come at Easter if I can.\n\n"
        "Yours,\n\nWilla\n\n"
        "He folded it in four. He put it behind the clock, where he kept the others, and he went out to the hens.\n"
    )
    story = unsaid.read(text)
    assert {s.person for s in story.scenes} == {"third"}


def test_headings_say_whose_part_follows() -> None:
    part = (
        "I ran down to the shore and I waited there until my lamp went out, and then I walked home alone in the dark. "
    )
    text = f"Tom's POV\n\n{part * 8}Lucy never came.\n\nLucy's POV\n\n{part * 8}Tom was nowhere to be seen.\n"
    story = unsaid.read(text)
    told = [name_of(story, s.narrator) for s in story.scenes]
    assert told == ["Tom", "Lucy"]


TURNS = """I waited at the gate for an hour with my collar up. I had written down what I wanted to say to Edda.

"Aren't you cold, Piers?" asked the gatekeeper.

I told him that I was never cold. I thought of Edda and how she laughed, and I loved her for it, and I was late again.

I put the paper back into my pocket. She would be at the window by now, and I knew what her face would look like.

I sat at the window with the lamp out. I had baked, and then I had given it to the dog.

When Piers came to me that first winter he had no shoes. I loved him before he had his coat off.

"Come away from there, Edda," said my mother. "He isn't coming."

I did not answer her. Piers had never once been on time, and I had never once gone to bed before he came.
"""


def test_two_narrators_without_a_mark_are_two() -> None:
    story = unsaid.read(TURNS)
    assert [name_of(story, s.narrator) for s in story.scenes] == ["Piers", "Edda"]
    second = story.scenes[1]
    assert second.reason == "narrator shift"
    assert TURNS.index("I put the paper back") < second.start <= TURNS.index("When Piers came")


def test_a_narrator_takes_over_where_the_other_is_first_spoken_of() -> None:
    text = (
        "Something in Wren's face told me that the ship was late. I brought her coffee because I had no more.\n\n"
        '"Three days, Halloran," she said. "Three days, Halloran!"\n\n"The wind has been wrong."\n\n'
        "I have served under four captains. Wren is the first who thanked me. I went below.\n\n"
        "He brought the coffee without being asked. Halloran always knows. I drank it though it was cold, and I let "
        "him tell me about the wind.\n\nI found that I had hold of his sleeve. I let go of it.\n\n"
        '"There, Wren," said Halloran. "What did I tell you, Wren?"\n'
    )
    story = unsaid.read(text)
    told = [(name_of(story, s.narrator), s.start) for s in story.scenes]
    assert told == [("Halloran", 0), ("Wren", text.index("He brought"))]


def test_one_call_alone_does_not_make_two_narrators() -> None:
    text = (
        "I never asked them where they were going. Big Sal was on his horse box when I pulled in, eating.\n\n"
        '"Who is that you have there?" Sal called out. I said it was a fare, and Sal looked at him a good while.\n\n'
        "He had a hatbox on his knees. I had seen him read my card on the visor, and then look away again.\n\n"
        '"What do I owe you, Lorraine?" he said.\n\nI told him. He paid me in coins, and I counted them. Lorraine, '
        "I thought, you have been driving too long.\n"
    )
    story = unsaid.read(text)
    assert len({s.narrator for s in story.scenes}) == 1


def test_a_narrator_who_is_called_once_beside_their_own_i_bears_that_name() -> None:
    story = unsaid.read(
        "I have painted the kitchen yellow. I stood on the blue chair to do it.\n\n"
        "Annika came by at four. She walked round and round and would not sit.\n\n"
        '"It is very yellow, Tove," she said at last.\n\nI told her that it was meant to be. We drank our tea.\n'
    )
    assert {name_of(story, s.narrator) for s in story.scenes} == {"Tove"}


def test_an_outcry_in_a_long_story_does_not_name_the_narrator() -> None:
    walks = [f"I walked to the mill and back, {k} miles in all. Nobody met me on the way." for k in range(300)]
    walks[40] = "I trod on the cat. “Fiddle, Corby!” cried the miller, and he looked at me."
    story = unsaid.read("\n\n".join(walks))
    assert {name_of(story, s.narrator) for s in story.scenes} == {"the narrator"}


def test_friends_who_come_one_after_another_do_not_make_two_narrators() -> None:
    text = (
        "I met Anselm at the baths in June. Anselm swam like a dog and I liked him at once.\n\n"
        "We shared a room that summer, and I taught Anselm to cook, and he burnt my only pan.\n\n"
        "In the autumn I moved to the coast. I had a letter from nobody.\n\n"
        "Then I met Ottilie. Ottilie sold eels, and I carried her baskets, and I learnt to smoke.\n\n"
        "I still have the knife that Ottilie gave me when I left.\n"
    )
    story = unsaid.read(text)
    assert len({s.narrator for s in story.scenes}) == 1


def test_present_tense_is_told_from_past() -> None:
    past = (
        "She walks to the door and opens it. He is there. He smiles and says nothing, and she stands still and waits. "
    )
    assert {s.tense for s in unsaid.read(past * 4).scenes} == {"present"}
    assert {s.tense for s in unsaid.read(THIRD).scenes} == {"past"}


def test_a_scene_knows_who_is_there_and_whom_it_follows() -> None:
    text = (
        "Bettina knew that the horse was gone. She felt it before she saw the open gate, and she wondered who had been "
        "there in the night. She went into the stable, and the lantern in the stable was still warm.\n\n"
        '"Who was it?" asked Bettina.\n\n"Not me," said Klaus, and he shrugged.\n\n'
        "She thought of Rupert, who had been in Vienna since March.\n"
    )
    story = unsaid.read(text)
    (scene,) = story.scenes
    present = {name_of(story, who) for who in scene.present}
    assert name_of(story, scene.focalizer) == "Bettina"
    assert {"Bettina", "Klaus"} <= present
    assert "Rupert" not in present
    assert scene.place == "the stable"


def test_a_break_parts_two_scenes() -> None:
    story = unsaid.read(f"{THIRD}\n* * *\n\nThe next day Marthe sold the boat, and she did not say to whom.\n")
    assert len(story.scenes) == 2
    assert story.scenes[0].end <= story.scenes[1].start


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                FIRST,
                THIRD,
                TURNS,
                "Dear Ann,",
                "-Ann.",
                "Ann's POV",
                "* * *",
                '"Ann," he said to me.',
                "I",
                "\n",
                "12",
                "…",
            ]
        ),
        max_size=8,
    )
)
def test_stretches_cover_the_story_and_scenes_stay_in_it(parts: list[str]) -> None:
    text = "\n\n".join(parts) + "\n\nThe end of it came soon enough.\n"
    manuscript = sources.load(text)
    composed = prose.compose(manuscript)
    cast, telling = narration.tell(composed, people.gather(composed, manuscript.metadata))
    known = {c.id for c in cast.characters}
    assert len(known) == len(cast.characters)
    if composed.paragraphs:
        assert telling.stretches[0].start == 0
        assert telling.stretches[-1].end == len(composed.text)
    for one, other in zip(telling.stretches, telling.stretches[1:], strict=False):
        assert one.end == other.start
        assert one.start < one.end
    assert all(s.narrator is None or s.narrator in known for s in telling.stretches)
    scenes = narration.stage(composed, cast, telling, Voices((), ()))
    assert [s.start for s in scenes] == sorted(s.start for s in scenes)
    assert all(0 <= s.start < s.end <= len(composed.text) for s in scenes)


MASKED = """The lamps were lit along the quay, and Magda had counted them twice before Oskar came.

"I thought you had sailed," said Magda.

I waited for you all night and I hated every ship that passed.

Oskar put his bag down.

"I missed the tide," he said.

I have never missed a tide. I have got a master's ticket and eyes in my head.

"That's a pity," said Magda.

I learned to pray for you. Four nights, on the stone floor, with my shoes off and the window open.

She took the bag from him and carried it up the steps, and he let her, and neither of them spoke.

"There will be another," said Oskar.

I won't take the next one. I have only got one life and I will not spend it on a boat.

"There always is," she said.
"""

AND_BACK = """I came home early, for once, and Lotte was painting the door. She had paint in her hair and on the cat.

"You're early, Emil," she said.

"The mill burned down," I said.

I sat down on the step and watched her. I loved her best when she was cross, and my wife was very cross indeed.

When Emil told me about the mill I went on painting, because my hands wanted something to do. He looked so small.

"Say something, Lotte," he said.

"It's a good red," I said, and I heard how stupid it was, and my husband laughed until he cried.

I walked out to the mill in the evening to see what was left. She had packed me bread. I thought about my wife all
the way, and about the red door, and I took off my waistcoat and began to dig, because she would have.

"Is that you down there, sir?" called the watchman.

"It's all that's left of me," I said. "Go home and tell Lotte I shall be late."
"""


def test_a_story_full_of_bare_thoughts_stays_in_the_third_person() -> None:
    assert {scene.person for scene in unsaid.read(MASKED).scenes} == {"third"}


def test_two_narrators_may_go_back_to_the_first() -> None:
    story = unsaid.read(AND_BACK)
    assert [name_of(story, scene.narrator) for scene in story.scenes] == ["Emil", "Lotte", "Emil"]
