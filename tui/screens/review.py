"""Screen 4, Review: one document, its original over what would leave; each decision is on the disk before it shows."""

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.workspace import RunFolder
from appliance.reviewing.session import Marked, Session
from tui.context import Context
from tui.kinds import MEANINGS, NUMBERED, pickable
from tui.language import message
from tui.review_pages import clean_page, original_page
from tui.review_wording import document_line, item_lines, risk_line
from tui.screens.marking import MarkScreen
from tui.screens.of_a_run import RunScreen
from tui.screens.picking import PickScreen
from tui.screens.steering import start_again
from tui.widgets.key_line import KeyLine
from tui.widgets.page import PageView

PAUSE = 2.0  # seconds between two looks at what others decided
Verdict = Literal["accept", "reject"]


class ReviewScreen(RunScreen):
    """Decides on findings one by one, on all equal ones at once, and on what was missed."""

    CSS_PATH = "review.tcss"
    WRITES = frozenset({"decide", "equal", "declared", "relabel", "edit", "mark", "read", "undo", "start"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,f2", "decide('accept')", message("accept"), id="review.accept"),
        Binding("x,f3", "decide('reject')", message("reject"), id="review.reject"),
        Binding("A,f4", "equal('accept')", message("all equal"), id="review.accept-equal"),
        Binding("X,f6", "equal('reject')", message("reject all equal"), show=False, id="review.reject-equal"),
        Binding("m,f8", "mark", message("missed"), id="review.mark"),
        Binding("e,f7", "edit", message("edit"), id="review.edit"),
        Binding("u,backspace", "undo", message("undo"), id="review.undo"),
        Binding("space,right", "later", message("later"), id="review.later"),
        Binding("left", "back", message("previous open finding"), show=False, id="review.previous-open"),
        Binding("j,down", "item(1)", message("next finding"), show=False, id="review.next"),
        Binding("k,up", "item(-1)", message("previous finding"), show=False, id="review.previous"),
        Binding("J,pagedown", "document(1)", message("next document"), show=False, id="review.next-document"),
        Binding("K,pageup", "document(-1)", message("previous document"), show=False, id="review.previous-document"),
        Binding("s,f9", "sample", message("sample"), show=False, id="review.sample"),
        Binding("f,f11", "read", message("read to its end"), show=False, id="review.read"),
        Binding("d,f12", "disputed", message("next one on which people disagree"), show=False, id="review.disputed"),
        Binding("D,shift+f5", "declared", message("accept declared columns"), show=False, id="review.declared"),
        Binding("r,f5", "start", message("go on with the run"), show=False, id="review.start"),
        *(
            Binding(f"{n},alt+{n}", f"relabel({n})", message("another kind, by number"), show=False, id=f"review.{n}")
            for n in range(1, 10)
        ),
        Binding("escape,q,f10", "leave", message("back"), id="review.back"),
    ]

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context, run)
        self._session: Session | None = None
        self._document = 0
        self._item: int | None = None  # None: the document has none

    def compose(self) -> ComposeResult:
        """Where we are, original, what would leave, the finding, what the sample says, the keys."""
        yield Static(Content(self.say("4 Review · {run} · opening …", run=self._run.id)), id="head")
        yield PageView(id="original")
        yield PageView(id="clean")
        yield Static(id="item")
        yield Static(id="risk")
        yield KeyLine()

    def on_mount(self) -> None:
        """Open the findings in a thread: 50,000 take a second."""
        self.query_one("#original").border_title = Content(self.say("Original (not stored, not copyable)"))
        self.query_one("#clean").border_title = Content(self.say("After (preview; the numbers will differ)"))
        self.query_one("#original").focus()
        self._open()

    @work
    async def _open(self) -> None:
        try:
            session = await asyncio.to_thread(service.review, self._run, self.context.workspace)
        except ApplianceError as error:
            if self.is_attached:
                self.tell_error(error, self.say("Cannot be reviewed"))
                self.dismiss(None)
            return
        if not self.is_attached:
            return  # the screen was taken down while the thread was reading
        self._session = session
        self.refresh_bindings()
        first = session.open_item(-1)
        self._go_to(0 if first is None else first)
        self.set_interval(PAUSE, self._look_around)

    def _look_around(self) -> None:
        """Show what others decided meanwhile."""
        if self._session and self.is_current and self._session.refresh():
            self._show()

    def _go_to(self, item: int) -> None:
        session = self._ready()
        if session.corpus.items:
            self._item, self._document = item, session.corpus.items[item].document
        self._show()

    def _ready(self) -> Session:
        assert self._session is not None
        return self._session

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing but leaving can be done before the findings are open."""
        if self._session is None and hasattr(self, f"action_{action}") and action != "leave":
            return False
        return super().check_action(action, parameters)

    def _show(self) -> None:
        session = self._ready()
        has_documents = bool(session.corpus.documents)
        for place, build in (("#original", original_page), ("#clean", clean_page)):
            if has_documents:
                self.query_one(place, PageView).show(*build(session, self._document, self._item))
        texts = {
            "#head": document_line(session, self._run.id, self._document, self._item, self.say),
            "#item": item_lines(session, self._item, self.say),
            "#risk": risk_line(session, self.say),
        }
        for place, text in texts.items():
            self.put(place, text)

    async def _write(self, act: Callable[[], object], *, moves_on: bool) -> None:
        """Do what writes in a thread: the disk may take its time; keys keep their order."""
        before = self._item
        try:
            await asyncio.to_thread(act)
        except ApplianceError as error:
            self.tell_error(error, self.say("Not decided"))
        else:
            if moves_on and before is not None and self._ready().line(before) is not None:
                following = self._ready().open_item(before)
                if following is not None:
                    self._go_to(following)
                    return
                self.app.notify(self.say("All findings are decided. Press r to go on with the run."), markup=False)
        self._show()

    async def action_decide(self, verdict: Verdict) -> None:
        """Decide on the current finding and go to the next open one."""
        if self._item is not None:
            await self._decide([self._item], verdict)

    async def action_equal(self, verdict: Verdict) -> None:
        """Decide on every finding with the same text and kind."""
        if self._item is not None:
            items = self._ready().corpus.equal_items(self._item)
            await self._decide(items, verdict)
            self.app.notify(
                self.say("{count} equal findings decided; u takes it back.", count=len(items)), markup=False
            )

    async def action_declared(self) -> None:
        """Accept what stands in columns that the settings declare personal."""
        items = self._ready().declared()
        await self._decide(items, "accept")
        self.app.notify(self.say("{count} declared values accepted; u takes it back.", count=len(items)), markup=False)

    async def _decide(self, items: Iterable[int], verdict: Verdict) -> None:
        await self._write(lambda: self._ready().decide(items, verdict), moves_on=True)

    async def action_relabel(self, number: int) -> None:
        """Accept the current finding as another kind."""
        if self._item is not None:
            found, item = self._ready().corpus.items[self._item], self._item
            mark = Marked(found.column, found.start, found.end, NUMBERED[number - 1])
            await self._write(lambda: self._ready().correct(item, mark), moves_on=True)

    async def action_undo(self) -> None:
        """Take back the newest action, and show it."""
        undone: list[set[int] | None] = []
        await self._write(lambda: undone.append(self._ready().undo()), moves_on=False)
        if undone and undone[0]:
            self._go_to(min(undone[0]))
        elif undone and undone[0] is None:
            self.app.notify(self.say("There is nothing of yours to take back."), markup=False)

    @work
    async def action_edit(self) -> None:
        """Give the current finding other edges; its kind stays."""
        if self._item is None:
            return
        session, item = self._ready(), self._item
        found = session.corpus.items[item]
        at = Marked(found.column, found.start, found.end, found.kind)
        screen = MarkScreen(self.context, session.corpus.columns(found.document), at)
        place = await self.app.push_screen_wait(screen)
        if place:
            mark = Marked(place.column, place.start, place.end, found.kind)
            await self._write(lambda: session.correct(item, mark), moves_on=True)

    @work
    async def action_mark(self) -> None:
        """Mark what was missed, say what it is, and tell where else it stands: it is replaced there too."""
        session, document = self._ready(), self._document
        columns = session.corpus.columns(document)
        found = session.corpus.items[self._item] if self._item is not None else None
        at = Marked(found.column, found.start, found.start, "") if found else None
        place = await self.app.push_screen_wait(MarkScreen(self.context, columns, at))
        if place is None:
            return
        kinds = pickable()
        lines = [f"{kind:<22} {self.say(MEANINGS[kind]) if kind in MEANINGS else ''}" for kind in kinds]
        picked = await self.app.push_screen_wait(PickScreen(self.context, self.say("What is it?"), lines))
        if picked is None:
            return
        mark = Marked(place.column, place.start, place.end, kinds[picked])
        await self._write(lambda: session.mark(document, [mark]), moves_on=False)
        value = columns[mark.column][mark.start : mark.end]
        places, documents = await asyncio.to_thread(session.corpus.occurrences, value)
        told = self.say("Replaced in {m} documents, {n} places.", n=places, m=documents)
        self.app.notify(told, markup=False)

    def action_later(self) -> None:
        """Go to the next open finding without a decision."""
        self._to(self._ready().open_item(-1 if self._item is None else self._item))

    def action_back(self) -> None:
        """Go to the open finding before this one."""
        self._to(self._ready().open_item(0 if self._item is None else self._item, -1))

    def action_item(self, step: int) -> None:
        """Go to the next finding, decided or not."""
        if self._item is not None:
            self._to(min(max(0, self._item + step), len(self._ready().corpus.items) - 1))

    def action_document(self, step: int) -> None:
        """Go to the next document, also one without findings."""
        self._open_document(min(max(0, self._document + step), len(self._ready().corpus.documents) - 1))

    def action_sample(self) -> None:
        """Open the next document of the random sample that nobody has read to its end."""
        session = self._ready()
        following = next((number for number in session.audit if not session.has_been_read(number)), None)
        if following is None:
            self.app.notify(self.say("Every document of the sample has been read."), markup=False)
        else:
            self._open_document(following)

    async def action_read(self) -> None:
        """Say that the document was read to its end and nothing in it is missed; open the next of the sample."""
        document = self._document
        await self._write(lambda: self._ready().confirm_read(document), moves_on=False)
        if document in self._ready().audit:
            self.action_sample()

    def action_disputed(self) -> None:
        """Go to the next finding on which two people disagree."""
        following = self._ready().disputed(-1 if self._item is None else self._item)
        if following is None:
            self.app.notify(self.say("Nobody disagrees."), markup=False)
        self._to(following)

    def _to(self, item: int | None) -> None:
        if item is not None:
            self._go_to(item)

    def _open_document(self, document: int) -> None:
        items = self._ready().corpus.items_of(document)
        self._document, self._item = document, items[0] if items else None
        self._show()

    def action_start(self) -> None:
        """Go on with the run."""
        start_again(self, self._run)
